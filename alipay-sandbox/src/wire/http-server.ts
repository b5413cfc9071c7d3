import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { BILL_DOWNLOAD_PATH } from '../bills/bill-links.ts'
import type { Cashier } from '../cashier/cashier.ts'
import type { V3Gateway } from '../v3/v3-gateway.ts'
import { parseCookies } from './cookies.ts'
import type { Gateway, GatewayReply, HttpAnswer } from './gateway.ts'
import { pathOf, queryOf } from './parse-request.ts'
import { BodyTooLarge, readBody } from './read-body.ts'

const BODY_LIMIT = 1024 * 1024
/** An export comes in one piece. */
const IMPORT_PATH = '/_sandbox/api/v1/import'
const IMPORT_LIMIT = 64 * 1024 * 1024
/** A watcher that reads no more is cut off; it asks for what it missed when it comes again. */
const UNREAD_LIMIT = 1024 * 1024
const HEADER_LIMIT = 16 * 1024
const READ_LIMIT_MS = 30_000

/** A request to the control API, freed of its socket. */
export interface ControlRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/** An answer that goes on until the caller leaves. */
export interface HttpStream {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Begins to write; returns what to do when the caller has gone. */
  stream(write: (text: string) => void): () => void
}

export interface Parts {
  readonly gateway: Gateway
  readonly v3: V3Gateway
  readonly cashier: Cashier
  /** The bill behind a download address, by its query. */
  readonly bills: (query: URLSearchParams) => Promise<HttpAnswer>
  readonly control: (request: ControlRequest) => Promise<HttpAnswer | HttpStream>
  readonly console: (request: ControlRequest) => Promise<HttpAnswer | HttpStream>
  /** Resolves when everything that has happened so far is on disk. */
  readonly durable: () => Promise<void>
  /** A defect, or a disk that refuses: told to whoever runs the sandbox, never to the caller. */
  readonly onDefect: (error: unknown) => void
}

/** What a TLS listener shows, PEM. */
export interface TlsFace {
  readonly key: string
  readonly cert: string
}

/** One listener for the gateway, the cashier, the console and the control API; over TLS if it is given a face. */
export function createHttpServer(parts: Parts, tls?: TlsFace): Server {
  const options = {
    maxHeaderSize: HEADER_LIMIT,
    requestTimeout: READ_LIMIT_MS,
    headersTimeout: READ_LIMIT_MS,
    connectionsCheckingInterval: 5000,
  }
  const listener: RequestListener = (request, response) => {
    answer(parts, request)
      // Also what is only read: a page may show what another request has done a moment ago.
      .then((reply) => parts.durable().then(() => reply))
      .catch((error: unknown) => failure(parts, error))
      .then((reply) => send(response, reply))
      .catch(parts.onDefect)
  }
  const server = tls
    ? createTlsServer({ ...options, ...tls, minVersion: 'TLSv1.2' }, listener)
    : createServer(options, listener)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  })
  return server
}

async function answer(parts: Parts, request: IncomingMessage): Promise<GatewayReply | HttpStream> {
  const target = request.url ?? '/'
  const method = request.method ?? 'GET'
  const path = pathOf(target)
  const isGateway = path === '/gateway.do'
  if (isGateway && method !== 'GET' && method !== 'POST') return text(405, 'method not allowed')
  const body = await readBody(request, path === IMPORT_PATH ? IMPORT_LIMIT : BODY_LIMIT)
  if (isGateway)
    return parts.gateway.handle({
      verb: method,
      target,
      contentType: request.headers['content-type'],
      body,
      origin: originOf(request),
    })
  const headers = singleHeaders(request)
  if (path.startsWith('/v3/')) return parts.v3({ verb: method, target, headers, body, origin: originOf(request) })
  const query = new URLSearchParams(queryOf(target))
  if (path === BILL_DOWNLOAD_PATH && (method === 'GET' || method === 'HEAD')) return parts.bills(query)
  if (path.startsWith('/_sandbox/api/')) return parts.control({ method, path, query, headers, body })
  if (path === '/_sandbox' || path.startsWith('/_sandbox/'))
    return parts.console({ method, path, query, headers, body })
  if (path.startsWith('/cashier/')) {
    const form = new URLSearchParams(body.toString('utf8'))
    const cookies = parseCookies(headers.cookie)
    return parts.cashier.handle({ method, path, query, headers, cookies, form, origin: originOf(request) })
  }
  // Whoever opens the printed address in a browser is looking for the console.
  if (path === '/' && headers.accept?.includes('text/html'))
    return { ...text(303, 'see /_sandbox/'), headers: { location: '/_sandbox/' } }
  return text(
    404,
    'alipay-sandbox: an offline test gateway, not affiliated with Alipay. POST /gateway.do, GET /_sandbox/',
  )
}

/** By the Host that the caller used, because a sandbox in a container has other names outside. */
function originOf(request: IncomingMessage): string {
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  const { host = '' } = request.headers
  const { localAddress = '', localPort } = request.socket
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return `${scheme}://${/^[\w.-]+(?::\d+)?$|^\[[\da-f:]+\](?::\d+)?$/i.test(host) ? host : `${address}:${localPort}`}`
}

function failure(parts: Parts, error: unknown): HttpAnswer {
  if (error instanceof BodyTooLarge) return { ...text(413, error.message), headers: { connection: 'close' } }
  // The caller hung up before it had sent everything: nothing is wrong here, and no one is there to answer.
  if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return text(400, 'aborted')
  parts.onDefect(error)
  return text(500, 'internal error')
}

function send(response: ServerResponse, reply: GatewayReply | HttpStream): void {
  // The socket stays open until the caller gives up or the sandbox stops.
  if (reply === 'silence' || response.destroyed) return
  if (reply === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  if ('stream' in reply) {
    response.writeHead(reply.status, { ...reply.headers })
    response.flushHeaders()
    const stop = reply.stream((text) => {
      response.write(text)
      if (response.writableLength > UNREAD_LIMIT) response.destroy()
    })
    response.on('close', stop)
    return
  }
  const { body } = reply
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(body) })
  if (reply.dripMs !== undefined) drip(response, Buffer.from(body), reply.dripMs)
  else response.end(response.req.method === 'HEAD' ? undefined : body)
}

const MOST_DROPS = 100

/** Sends a body in up to a hundred pieces, spread over `ms`; ends early when the caller hangs up. */
function drip(response: ServerResponse, body: Buffer, ms: number): void {
  const size = Math.max(1, Math.ceil(body.length / MOST_DROPS))
  const pause = ms / Math.ceil(body.length / size)
  let sent = 0
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + size))
    sent += size
    if (sent < body.length) return
    clearInterval(timer)
    response.end()
  }, pause)
  response.on('close', () => clearInterval(timer))
}

const text = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain;charset=utf-8' },
  body: `${body}\n`,
})

function singleHeaders(request: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}
