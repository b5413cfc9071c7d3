import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A text message as the shop handed it over. */
export interface PostedText {
  readonly message_id: string
  readonly phone: string
  readonly template: string
  readonly params: readonly string[]
}

export interface MessageService {
  readonly url: string
  readonly token: string
  /** What was taken, the oldest first. */
  readonly taken: PostedText[]
  /** The newest code for this phone that came after the first `after` messages. */
  codeFor(phone: string, after: number): string | undefined
  /** Whether it takes messages; it answers 503 otherwise. */
  setUp(isUp: boolean): void
  stop(): Promise<void>
}

/** Stands in for the service behind SMS_URL: keeps what it is given instead of sending it. */
export async function startMessageService(): Promise<MessageService> {
  const taken: PostedText[] = []
  const token = 'stand-in-for-a-service'
  let isUp = true
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end()
      if (!isUp) return response.writeHead(503).end()
      const message = JSON.parse(Buffer.concat(parts).toString('utf8')) as PostedText
      // A repeat carries the same number and is no second message.
      if (!taken.some(({ message_id: id }) => id === message.message_id)) taken.push(message)
      return response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/messages`,
    token,
    taken,
    codeFor: (phone, after) =>
      taken.slice(after).findLast((message) => message.phone === phone && /^\d{6}$/.test(message.params[0] ?? ''))
        ?.params[0],
    setUp(next) {
      isUp = next
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
