import { createPublicKey, randomBytes, X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import type { Clock } from '../../../../platform/clock.ts'
import { createAlipayPayouts } from '../alipay-payouts.ts'
import { readCertificates } from '../certificates.ts'
import { type Environment, type Finding, type Setup, wrong } from './check-names.ts'
import { nameOfKey } from './read-key.ts'

const NAMES = ['APP_CERT', 'ALIPAY_CERT', 'ALIPAY_ROOT_CERT'] as const

/** Money goes out in certificate mode only; looks at the certificates, and asks about a transfer that cannot exist. */
export async function checkPayouts(env: Environment, setup: Setup | undefined, clock: Clock): Promise<Finding[]> {
  if (env.PAYOUTS !== 'alipay') return [{ level: 'note', code: 'payouts_off' }]
  const missing = NAMES.filter((name) => !nameOfKey(env, name))
  if (missing.length > 0) return [wrong('cert_missing', { names: missing.join(', ') })]
  const texts = NAMES.map((name) => textOf(env, name))
  const findings = NAMES.flatMap((name, at) => faultOf(name, texts[at], clock))
  const [appCert, alipayCert, alipayRootCert] = texts
  if (findings.length > 0 || !setup || !appCert || !alipayCert || !alipayRootCert) return findings
  const appPrivateKey = setup.app.export({ type: 'pkcs8', format: 'pem' }).toString()
  const certificates = { appCert, alipayCert, alipayRootCert }
  const ownKey = new X509Certificate(appCert).publicKey
  if (!createPublicKey(setup.app).equals(ownKey)) return [wrong('cert_other_key')]
  try {
    readCertificates(certificates, appPrivateKey)
  } catch {
    return [wrong('cert_chain')]
  }
  const { gateway, appId } = setup
  const payouts = createAlipayPayouts({ gateway: gateway.href, appId, appPrivateKey, certificates, clock })
  return [await verdictOn(payouts.queryTransfer(`check${randomBytes(12).toString('hex')}`))]
}

type Asked = ReturnType<ReturnType<typeof createAlipayPayouts>['queryTransfer']>

async function verdictOn(asked: Asked): Promise<Finding> {
  const answer = await asked
  if (answer.kind === 'not_exist') return { level: 'right', code: 'cert_right' }
  const code = answer.kind === 'unknown' ? answer.reason : answer.kind === 'fact' ? answer.kind : answer.code
  if (/ORDER_NOT_EXIST$/.test(code)) return { level: 'right', code: 'cert_right' }
  if (/permission|PERMISSION|PRODUCT_NOT_SIGN|forbidden/.test(code)) return wrong('cert_without_right', { code })
  return wrong('cert_refused', { code })
}

function textOf(env: Environment, name: string): string | undefined {
  const inline = env[name]?.replaceAll('\\n', '\n')
  if (inline) return inline
  try {
    return fs.readFileSync(env[`${name}_FILE`] ?? '', 'utf8')
  } catch {
    return undefined
  }
}

function faultOf(name: string, text: string | undefined, clock: Clock): Finding[] {
  try {
    const until = new Date(new X509Certificate(text ?? '').validTo)
    if (until > clock.now()) return []
    return [wrong('cert_expired', { name, day: until.toISOString().slice(0, 10) })]
  } catch {
    return [wrong('cert_unreadable', { name })]
  }
}
