import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup } from 'node:dns'
import * as http from 'node:http'
import * as https from 'node:https'
import { BlockList, isIP } from 'node:net'
import type { NotifyTransport, SendResult } from './notify-queue.ts'

const LIMIT_MS = 10_000
const ANSWER_LIMIT = 64 * 1024
const ANSWER_KEPT = 2048

const nearby = new BlockList()
for (const [net, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  nearby.addSubnet(net, prefix, 'ipv4')
}
nearby.addAddress('::1', 'ipv6')
nearby.addSubnet('fc00::', 7, 'ipv6')

class HostNotAllowed extends Error {
  override readonly name = 'HostNotAllowed'
}

/** Loopback and private addresses, also written as IPv4 inside IPv6. */
export function isNearby(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return nearby.check(mapped, 'ipv4')
  return nearby.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/**
 * Posts notifies over http(s): no redirects, ten seconds for everything, at most 64 KiB of answer.
 *
 * It only talks to loopback and private addresses and to the hosts in `allow`, so that a sandbox left running on the
 * Internet cannot be made to post to strangers. The address that was checked is the one that is connected to.
 */
export function notifyTransport(allow: readonly string[], limitMs = LIMIT_MS): NotifyTransport {
  return (url, body, signal, charset = 'utf-8') =>
    new Promise((resolve, reject) => {
      const target = parseTarget(url)
      if (!target) return resolve({ verdict: 'host_not_allowed', detail: 'not an http(s) address' })
      const host = target.hostname.replace(/^\[|\]$/g, '')
      const anywhere = allow.includes(host) || allow.includes('*')
      if (!anywhere && isIP(host) > 0 && !isNearby(host)) return resolve(notAllowed(host))

      const timeout = AbortSignal.timeout(limitMs)
      const request = (target.protocol === 'https:' ? https : http).request(target, {
        method: 'POST',
        agent: false,
        signal: AbortSignal.any([signal, timeout]),
        headers: {
          'content-type': `application/x-www-form-urlencoded; charset=${charset}`,
          'content-length': Buffer.byteLength(body),
          'user-agent': 'alipay-sandbox',
        },
        ...(!anywhere && { lookup: nearbyLookup }),
      })
      const fail = (error: Error) => {
        if (signal.aborted) reject(error)
        else if (error instanceof HostNotAllowed) resolve(notAllowed(host))
        else if (timeout.aborted) resolve({ verdict: 'timeout', detail: `no answer within ${limitMs / 1000} s` })
        else resolve({ verdict: 'unreachable', detail: error.message })
      }
      request.on('error', fail)
      request.on('response', (response) => readAnswer(response).then(resolve, fail))
      request.end(body)
    })
}

/** Everything that came back counts as refused here; whether it was the acknowledgement is for the queue to say. */
async function readAnswer(response: http.IncomingMessage): Promise<SendResult> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > ANSWER_LIMIT) {
      response.destroy()
      return { verdict: 'refused', httpStatus: response.statusCode ?? 0, detail: 'answer longer than 64 KiB' }
    }
  }
  const answer = Buffer.concat(chunks).toString('utf8').slice(0, ANSWER_KEPT)
  return { verdict: 'refused', httpStatus: response.statusCode ?? 0, answer }
}

const notAllowed = (host: string): SendResult => ({
  verdict: 'host_not_allowed',
  detail: `${host} is neither loopback nor private; name it in notify_allow`,
})

function parseTarget(url: string): URL | undefined {
  if (!URL.canParse(url)) return undefined
  const target = new URL(url)
  return target.protocol === 'http:' || target.protocol === 'https:' ? target : undefined
}

/** dns.lookup that refuses a name as soon as one of its addresses is public. */
function nearbyLookup(
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? []
    if (error || !first) return callback(error ?? new HostNotAllowed(hostname), [])
    if (!addresses.every(({ address }) => isNearby(address))) return callback(new HostNotAllowed(hostname), [])
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}
