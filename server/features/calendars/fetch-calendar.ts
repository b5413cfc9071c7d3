import { lookup as resolve } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { ImportFault } from './calendar-store.ts'

/** Why a calendar could not be read, as a name that the page has words for. */
export class CalendarFault extends Error {
  override readonly name = 'CalendarFault'
  readonly fault: ImportFault

  constructor(fault: ImportFault, options?: ErrorOptions) {
    super(fault, options)
    this.fault = fault
  }
}

export interface FetchRules {
  /** True lets addresses of this machine and its network be asked, by plain http too: outside production only. */
  readonly allowPrivate: boolean
}

const WITHIN_MS = 10_000
const MOST_BYTES = 2 * 1_048_576
const MOST_HOPS = 3

/** Addresses that lead into our own network or nowhere (RFC 6890 and its kin). */
const PRIVATE = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(net, bits, 'ipv4')
}
/** Of the new addresses only the public part is asked, and of that not what carries an old address inside. */
const PUBLIC_6 = new BlockList()
PUBLIC_6.addSubnet('2000::', 3, 'ipv6')
const CARRIERS_6 = new BlockList()
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  CARRIERS_6.addSubnet(net, bits, 'ipv6')
}

/** True for an address that is not on the open internet. */
export function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 4) return PRIVATE.check(address, 'ipv4')
  if (isIP(address) !== 6) return true
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (plain) return isPrivateAddress(plain)
  return !PUBLIC_6.check(address, 'ipv6') || CARRIERS_6.check(address, 'ipv6')
}

/** Whether the address may be asked at all, as far as it can be told without asking. */
export function isAskable(text: string, { allowPrivate }: FetchRules): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hostname, port } = new URL(text)
  if (username !== '' || password !== '') return false
  if (allowPrivate) return protocol === 'https:' || protocol === 'http:'
  const host = hostname.replace(/^\[|\]$/g, '')
  return protocol === 'https:' && port === '' && (isIP(host) === 0 || !isPrivateAddress(host))
}

/**
 * Reads the text at an address that a stranger gave us. The name is resolved once and the connection goes to the very
 * address that was looked at, so no second answer of the name's owner can lead it elsewhere; the same holds for every
 * address it is sent on to.
 *
 * Throws {@link CalendarFault}.
 */
export async function fetchCalendar(address: string, rules: FetchRules, signal?: AbortSignal): Promise<string> {
  const patience = AbortSignal.timeout(WITHIN_MS)
  const until = signal ? AbortSignal.any([patience, signal]) : patience
  try {
    let next = address
    for (let hops = 0; hops <= MOST_HOPS; hops += 1) {
      if (!isAskable(next, rules)) throw new CalendarFault('address')
      const answer = await ask(new URL(next), rules, until)
      if (answer.text !== undefined) return answer.text
      next = new URL(answer.location, next).href
    }
    throw new CalendarFault('status')
  } catch (error) {
    if (error instanceof CalendarFault) throw error
    throw new CalendarFault(patience.aborted ? 'slow' : 'unreachable', { cause: error })
  }
}

type Answer = { readonly text: string } | { readonly text?: undefined; readonly location: string }

const safeLookup =
  ({ allowPrivate }: FetchRules): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const safe = allowPrivate || !addresses.some(({ address }) => isPrivateAddress(address))
      const [first] = addresses
      if (!safe || !first) return callback(new CalendarFault('address'), '', 0)
      if (options.all) return (callback as (error: null, addresses: unknown) => void)(null, addresses)
      return callback(null, first.address, first.family)
    })
  }

function ask(url: URL, rules: FetchRules, signal: AbortSignal): Promise<Answer> {
  const send = url.protocol === 'https:' ? https.get : http.get
  return new Promise<Answer>((done, fail) => {
    const request = send(
      url,
      {
        signal,
        lookup: safeLookup(rules),
        headers: {
          accept: 'text/calendar, */*;q=0.1',
          'user-agent': 'iHome-calendar/1.0',
          'accept-encoding': 'identity',
        },
        agent: false,
      },
      (answer) => {
        const status = answer.statusCode ?? 0
        const { location } = answer.headers
        if (status >= 300 && status < 400 && location) {
          answer.destroy() // Nobody reads what stands beside it, however long it is.
          return done({ location })
        }
        if (status !== 200) {
          answer.destroy()
          return fail(new CalendarFault('status'))
        }
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > MOST_BYTES) answer.destroy(new CalendarFault('too_large'))
          else chunks.push(chunk)
        })
        answer.on('end', () => done({ text: Buffer.concat(chunks).toString('utf8') }))
        answer.on('error', fail)
      },
    )
    request.on('error', fail)
  })
}
