import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../../platform/clock.ts'
import { textOf } from '../classify.ts'
import { signRequest } from '../gateway-call.ts'
import { postForm } from '../transport.ts'
import { verifyResponse } from '../verify-response.ts'
import { type Finding, type Setup, wrong } from './check-names.ts'

const TIMEOUT_MS = 10_000
const METHOD = 'alipay.trade.query'
/** Alipay's newer protocol refuses at ten minutes; half of that is worth mending before it costs anything. */
const CLOCK_WRONG_MS = 5 * 60_000
const CLOCK_LOOSE_MS = 30_000

/**
 * Asks the gateway about a trade that cannot exist. Nothing is made or moved there; the answer tells whether the
 * gateway is reached, knows the app, believes our signature and signs with the key that we hold for Alipay's.
 */
export async function askAboutNothing({ gateway, appId, app, alipay }: Setup, clock: Clock): Promise<Finding[]> {
  const keys = { app, alipay }
  const caller = { gateway: gateway.href, appId, clock, keys }
  const number = `check_${randomBytes(12).toString('hex')}`
  const { query, biz } = signRequest(caller, METHOD, {}, { out_trade_no: number })
  const came = await postForm(query, biz, TIMEOUT_MS)
  const clockFindings = checkClock(came.date, clock)
  if ('failure' in came) return [...clockFindings, unreached(came.failure, gateway)]
  const verified = verifyResponse(came.text, METHOD, keys)
  if (verified.kind !== 'unreadable') {
    const proven: Finding[] = verified.kind === 'signed' ? [{ level: 'right', code: 'answer_signed' }] : []
    return [...clockFindings, ...proven, verdictOf(verified.fields)]
  }
  if (verified.reason !== 'signature_wrong') return [...clockFindings, wrong('answer_foreign', { host: gateway.host })]
  // Not believed, but good enough to tell a person in which of the two keys to look first.
  const claimed = verdictOf(unverified(came.text))
  const both = claimed.code === 'signature_refused' ? [claimed] : []
  return [...clockFindings, wrong('alipay_key_wrong'), ...both]
}

function checkClock(date: string | undefined, clock: Clock): Finding[] {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return []
  const off = clock.now().getTime() - theirs
  const seconds = String(Math.round(Math.abs(off) / 1000))
  if (Math.abs(off) >= CLOCK_WRONG_MS) return [wrong(off > 0 ? 'clock_ahead' : 'clock_behind', { seconds })]
  return [{ level: Math.abs(off) >= CLOCK_LOOSE_MS ? 'note' : 'right', code: 'clock', about: { seconds } }]
}

const TLS = /cert|tls|ssl|self_signed|unable_to_verify|altname/
const NAME = /^(enotfound|eai_again)$/

function unreached(failure: string, gateway: URL): Finding {
  const about = { host: gateway.host, reason: failure }
  if (NAME.test(failure)) return wrong('gateway_name', about)
  if (TLS.test(failure)) return wrong('gateway_tls', about)
  if (/^http_3/.test(failure)) return wrong('gateway_redirects', about)
  if (/^http_|too_large|not_utf8/.test(failure)) return wrong('answer_foreign', about)
  return wrong('gateway_unreachable', about)
}

const VERDICTS: Readonly<Record<string, string>> = {
  'isv.invalid-signature': 'signature_refused',
  'isv.invalid-app-id': 'app_unknown',
  'isv.missing-signature-config': 'app_without_key',
  'isv.invalid-timestamp': 'timestamp_refused',
  'isv.insufficient-isv-permissions': 'app_without_right',
  'isv.forbidden-api': 'app_without_right',
  'not-online-app': 'app_not_online',
}

/** What the gateway's own words mean for whoever set this up. */
function verdictOf(fields: Readonly<Record<string, unknown>>): Finding {
  const code = textOf(fields.code) ?? ''
  const subCode = textOf(fields.sub_code) ?? ''
  if (/TRADE_NOT_EXIST$/.test(subCode)) return { level: 'right', code: 'all_right' }
  const verdict = VERDICTS[subCode]
  if (verdict) return wrong(verdict, { code: subCode })
  if (code === '20000' || /SYSTEM_ERROR$/.test(subCode)) return wrong('gateway_busy', { code: subCode || code })
  return wrong('answer_other', { code: [code, subCode].filter(Boolean).join(' ') || '?' })
}

function unverified(raw: string): Readonly<Record<string, unknown>> {
  try {
    const root: unknown = JSON.parse(raw)
    const inner: unknown = typeof root === 'object' && root !== null ? Object.values(root)[0] : undefined
    return typeof inner === 'object' && inner !== null ? { ...inner } : {}
  } catch {
    return {}
  }
}
