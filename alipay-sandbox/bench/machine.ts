import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import os from 'node:os'

const TEXT = Buffer.from(
  'app_id=9021000000000000&biz_content={"out_trade_no":"bench"}&charset=utf-8&method=alipay.trade.query',
)

/** Pairs of one RSA-2048 verification and one signature that this machine makes in a second, all cores busy. */
export async function rawPairsPerSecond(seconds: number): Promise<number> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signature = await signed(privateKey)
  let pairs = 0
  const end = performance.now() + seconds * 1000
  const worker = async () => {
    while (performance.now() < end) {
      await verified(publicKey, signature)
      await signed(privateKey)
      pairs += 1
    }
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: 2 * os.availableParallelism() }, worker))
  return pairs / ((performance.now() - begun) / 1000)
}

const signed = (key: KeyObject) =>
  new Promise<Buffer>((resolve, reject) => {
    sign('RSA-SHA256', TEXT, key, (error, signature) => (error ? reject(error) : resolve(signature)))
  })

const verified = (key: KeyObject, signature: Buffer) =>
  new Promise<boolean>((resolve, reject) => {
    verify('RSA-SHA256', TEXT, key, signature, (error, holds) => (error ? reject(error) : resolve(holds)))
  })

export function describeMachine(): string {
  const [first] = os.cpus()
  const memory = Math.round(os.totalmem() / 2 ** 30)
  const load = os.loadavg()[0]?.toFixed(1)
  return `${os.availableParallelism()} × ${first?.model.trim() ?? 'unknown'}, ${memory} GB, Node ${process.version}, load ${load}`
}
