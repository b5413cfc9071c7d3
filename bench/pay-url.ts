import { generateKeyPairSync, sign } from 'node:crypto'
import { toFen } from '@ihome/core/money'
import { createAlipay } from '@ihome/server/features/payments/alipay/alipay-provider'
import { type Figure, shareOfLimit, type Turn } from './figure.ts'

const SECONDS = 1
const TURNS = 5

/** Building a signed pay URL against signing the same text and nothing else. */
export function benchPayUrl(): Figure {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const alipayPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const provider = createAlipay({
    gateway: 'http://127.0.0.1:9021/gateway.do',
    appId: '9021000000000000',
    sellerId: '2088000000000000',
    publicKey: alipayPair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    appPrivateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicOrigin: 'http://127.0.0.1:3000',
    clock: { now: () => new Date() },
  })
  const question = {
    outTradeNo: 'ih20261123abcdefghijklmn',
    amount: toFen(77_600),
    subject: '爱家租房 朝阳公园旁的小屋',
    timeExpire: new Date(Date.now() + 7_200_000),
    quitUrl: 'http://127.0.0.1:3000/orders/7',
  }
  const text = Buffer.from(new URL(provider.createPayUrl(question)).search)
  const turns: Turn[] = []
  for (let turn = 0; turn < TURNS; turn += 1) {
    turns.push({
      limit: perSecond(() => sign('RSA-SHA256', text, pair.privateKey)),
      ours: perSecond(() => provider.createPayUrl(question)),
    })
  }
  return shareOfLimit('pay URL', 'URLs/s', turns, 'raw RSA-2048 signature', 0.5)
}

function perSecond(work: () => unknown): number {
  const begun = performance.now()
  let done = 0
  while (performance.now() - begun < (SECONDS * 1_000) / 2) {
    work()
    done += 1
  }
  return done / ((performance.now() - begun) / 1_000)
}
