import { createHash } from 'node:crypto'
import type { AccountLine, TradeLine } from '@ihome/core/bills/bill'
import type { CivilDate } from '@ihome/core/calendar'
import type { Clock } from '../../../platform/clock.ts'
import type { BillAnswer, BillKind, BillSource } from '../bill-source.ts'
import type { Answer } from '../provider.ts'
import { BadBill } from './bill-file.ts'
import { textOf } from './classify.ts'
import { callGateway, type GatewayCaller } from './gateway-call.ts'
import { readAccountBill, readTradeBill } from './read-bill.ts'
import { readKeys } from './signing.ts'

const METHOD = 'alipay.data.dataservice.bill.downloadurl.query'
const ASK_MS = 10_000

type Fields = Readonly<Record<string, unknown>>

export interface AlipayBillOptions {
  readonly gateway: string
  readonly appId: string
  readonly publicKey: string
  readonly appPrivateKey: string
  readonly clock: Clock
}

/** Alipay's bills behind their port. Throws at once when a key is wrong. */
export function createAlipayBills(options: AlipayBillOptions): BillSource {
  const keys = readKeys({ appPrivateKey: options.appPrivateKey, alipayPublicKey: options.publicKey })
  const { gateway, appId, clock } = options
  return { downloadBill: (kind, day) => downloadBill({ gateway, appId, clock, keys }, kind, day) }
}

/** An address is dead 30 s after it was given (alipay.md 3.5). */
const DOWNLOAD_MS = 30_000
const MOST_BYTES = 32 * 1_048_576
/** Where Alipay itself keeps bills; a gateway of our own keeps them on its own host, on any port. */
const BILL_HOSTS: ReadonlySet<string> = new Set(['dwbillcenter.alipay.com'])

const TYPE_OF: Readonly<Record<BillKind, string>> = { trade: 'trade', account: 'signcustomer' }
const NOT_YET = new Set(['BILL_NOT_EXIST', 'SYSTEM_RATE_LIMIT', 'USER_RATE_LIMIT', 'UNKNOWN_ERROR'])
const NO_SUCH = new Set(['TYPE_NOT_SUPPORTED', 'BILL_DATE_BEFORE_REGISTRATION'])

/** Fetches one day's bill: its address, the file within the address's life, its rows (alipay.md ALI-26, ALI-27). */
async function downloadBill<Kind extends BillKind>(
  caller: GatewayCaller,
  kind: Kind,
  day: CivilDate,
): Promise<BillAnswer<Kind>> {
  const content = { bill_type: TYPE_OF[kind], bill_date: day }
  const answer = await callGateway<Fields>(caller, { method: METHOD, content, timeoutMs: ASK_MS }, (fields, raw) => ({
    kind: 'fact',
    fact: fields,
    raw,
  }))
  if (answer.kind !== 'fact') return refusal(answer)
  if (textOf(answer.fact.bill_file_code) === 'EMPTY_DATA_WITH_BILL_FILE') return empty
  const address = addressOf(textOf(answer.fact.bill_download_url), caller.gateway)
  if (!address) return { kind: 'failed', reason: 'bill_address' }
  const zip = await download(address)
  if (typeof zip === 'string') return { kind: 'failed', reason: zip }
  const sha256 = createHash('sha256').update(zip).digest('hex')
  try {
    const lines: readonly (TradeLine | AccountLine)[] = kind === 'trade' ? readTradeBill(zip) : readAccountBill(zip)
    return { kind: 'bill', lines, sha256 } as BillAnswer<Kind>
  } catch (error) {
    if (!(error instanceof BadBill)) throw error
    return { kind: 'failed', reason: error.message }
  }
}

const empty = { kind: 'bill', lines: [], sha256: null } as const

function refusal(answer: Exclude<Answer<Fields>, { kind: 'fact' }>): BillAnswer<never> {
  if (answer.kind === 'not_exist') return { kind: 'later', code: 'TRADE_NOT_EXIST' }
  if (answer.kind === 'unknown') return { kind: 'failed', reason: answer.reason }
  const { code } = answer
  if (code === 'NO_BILL_DATA') return empty
  if (NOT_YET.has(code)) return { kind: 'later', code }
  return NO_SUCH.has(code) ? { kind: 'absent', code } : { kind: 'failed', reason: code }
}

/** Only where bills are kept: an address from anywhere else could make us knock at doors of our own network. */
function addressOf(text: string | undefined, gateway: string): URL | undefined {
  if (!text || !URL.canParse(text)) return undefined
  const address = new URL(text)
  const allowed = address.hostname === new URL(gateway).hostname || BILL_HOSTS.has(address.hostname)
  return allowed && /^https?:$/.test(address.protocol) && address.username === '' ? address : undefined
}

async function download(address: URL): Promise<Uint8Array | string> {
  try {
    const response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(DOWNLOAD_MS) })
    if (response.status !== 200 || !response.body) return `bill_http_${response.status}`
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of response.body) {
      size += part.byteLength
      if (size > MOST_BYTES) return 'bill_too_large'
      parts.push(part)
    }
    return Buffer.concat(parts)
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'bill_timeout' : 'bill_transport'
  }
}
