import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A merchant's notify address. */
export interface Receiver {
  readonly url: string
  /** Bodies in the order of arrival. */
  readonly bodies: string[]
  readonly contentTypes: (string | undefined)[]
  /** Replaces the way it answers; `success` with 200 at first. */
  answer(how: (response: ServerResponse, count: number) => void): void
  stop(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const bodies: string[] = []
  const contentTypes: (string | undefined)[] = []
  let how = (response: ServerResponse, _count: number) => {
    response.end('success')
  }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(body)
      contentTypes.push(request.headers['content-type'])
      how(response, bodies.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/notify`,
    bodies,
    contentTypes,
    answer(next) {
      how = next
    },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** The fields of a notify or of a return address, as a merchant reads them. */
export const fieldsOf = (encoded: string): Record<string, string> => Object.fromEntries(new URLSearchParams(encoded))
