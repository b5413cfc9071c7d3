import { once } from 'node:events'
import net from 'node:net'

const WARM_UP_S = 1.2
const HEAD_END = '\r\n\r\n'

export interface LoadWish {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly seconds: number
  /** How many ask at once, each waiting for its answer. */
  readonly connections?: number
}

/**
 * Answers a second. Throws when one is not a 200.
 *
 * The asking must cost far less than the answering, or it would be what is measured: so the sockets are read here,
 * just far enough to know where an answer ends. (A common load generator turned each packed page into text and
 * reached 6,500 a second with any server.)
 */
export async function answersPerSecond(wish: LoadWish): Promise<number> {
  const { connections = 20, seconds } = wish
  const begun = performance.now()
  const until = begun + seconds * 1_000
  const counts = await Promise.all(Array.from({ length: connections }, () => askUntil(wish, until)))
  const answers = counts.reduce((sum, count) => sum + count, 0)
  return answers / ((performance.now() - begun) / 1_000)
}

/** Lets a server compile what it runs often. */
export const warmUp = (wish: Omit<LoadWish, 'seconds'>): Promise<number> =>
  answersPerSecond({ ...wish, seconds: WARM_UP_S })

/** One connection that asks again as soon as it has its answer; gives how many it had. */
async function askUntil({ url, headers = {} }: LoadWish, until: number): Promise<number> {
  const { hostname, port, host, pathname, search } = new URL(url)
  const lines = [`GET ${pathname}${search} HTTP/1.1`, `host: ${host}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  const question = Buffer.from(lines.join('\r\n') + HEAD_END)
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  let answers = 0
  let missing = 0 // bytes of the answer under way
  const done = new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`${url} closed the connection`)))
    socket.on('data', (bytes: Buffer) => {
      try {
        missing = missing > 0 ? missing - bytes.length : lengthOf(bytes) - bytes.length
      } catch (error) {
        reject(error)
        return
      }
      if (missing > 0) return
      answers += 1
      if (performance.now() < until) socket.write(question)
      else resolve()
    })
  })
  socket.write(question)
  try {
    await done
  } finally {
    socket.removeAllListeners('close').destroy()
  }
  return answers
}

/** How long the answer is that begins with these bytes. The servers measured here send the whole head at once. */
function lengthOf(bytes: Buffer): number {
  const end = bytes.indexOf(HEAD_END)
  const head = bytes.toString('latin1', 0, end)
  if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`answered ${head.slice(0, 200)}`)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (end < 0 || length === undefined) throw new Error('an answer without its length')
  return end + HEAD_END.length + Number(length)
}
