import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Tollgate {
  readonly origin: string
  /**
   * Strikes once, at the first request whose method, address or body holds all `words`, with its answer in hand: everything
   * has happened on the far side, `then` runs while the asker still waits, and the answer is lost. Resolves after `then`.
   */
  loseAnswer(words: readonly string[], then: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

interface Trap {
  readonly words: readonly string[]
  strike(): Promise<void>
}

/** Stands between two parties on a port of its own and passes everything on unchanged, until it is told to lose an answer. */
export async function openTollgate(beyond: () => string): Promise<Tollgate> {
  const traps: Trap[] = []
  const agent = new http.Agent({ keepAlive: false })
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const text = `${request.method} ${request.url}\n${body.toString()}`
    const { method, headers } = request
    const onward = http.request(new URL(request.url ?? '/', beyond()), { method, headers, agent }, async (answer) => {
      const answered: Buffer[] = []
      for await (const part of answer) answered.push(part as Buffer)
      const found = traps.findIndex(({ words }) => words.every((word) => text.includes(word)))
      const [trap] = found < 0 ? [] : traps.splice(found, 1)
      if (trap) {
        await trap.strike()
        request.socket.destroy()
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders).end(Buffer.concat(answered))
      }
    })
    // The far side is dead or died: so is this connection.
    onward.on('error', () => request.socket.destroy())
    onward.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswer: (words, then) =>
      new Promise((resolve, reject) => {
        traps.push({ words, strike: () => then().then(resolve, reject) })
      }),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
