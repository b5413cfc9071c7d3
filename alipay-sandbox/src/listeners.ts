import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TlsIdentity } from './certificates/tls-identity.ts'
import { createHttpServer, type Parts } from './wire/http-server.ts'

export interface TlsView {
  /** `https://openapi.alipay.com:9443`, with the first of the hosts. */
  readonly endpoint: string
  readonly port: number
  readonly hosts: readonly string[]
  readonly caCert: string
  /** Absent in memory. */
  readonly caCertFile?: string
}

export interface Listeners {
  /** `http://127.0.0.1:9021` */
  readonly endpoint: string
  readonly tls: TlsView | undefined
  /** Ends every connection. */
  close(): Promise<void>
}

interface ListenWish {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly port: number; readonly hosts: readonly string[]; readonly identity: TlsIdentity }
}

/** Listens in the clear and, if it is wished for, over TLS too; both or none. */
export async function openListeners(parts: Parts, { host, port, tls }: ListenWish): Promise<Listeners> {
  const plain = createHttpServer(parts)
  await listen(plain, port, host)
  const endpoint = originOf(plain.address() as AddressInfo)
  if (!tls) return { endpoint, tls: undefined, close: () => close(plain) }
  const secured = createHttpServer(parts, tls.identity)
  try {
    await listen(secured, tls.port, host)
  } catch (error) {
    await close(plain)
    throw error
  }
  const closeBoth = async () => void (await Promise.all([close(plain), close(secured)]))
  return { endpoint, tls: tlsView(tls.identity, tls.hosts, secured), close: closeBoth }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

function tlsView({ caCert, caCertFile }: TlsIdentity, hosts: readonly string[], server: Server): TlsView {
  const { port } = server.address() as AddressInfo
  const [first = 'localhost'] = hosts
  const endpoint = `https://${first.includes(':') ? `[${first}]` : first}:${port}`
  return { endpoint, port, hosts, caCert, ...(caCertFile !== undefined && { caCertFile }) }
}

function originOf({ address, port, family }: AddressInfo): string {
  // Listening everywhere is reached as loopback from here.
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`
}
