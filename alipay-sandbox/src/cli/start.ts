import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { OwnApp } from '../apps.ts'
import { camelKeys } from '../control/key-case.ts'
import { type NewAccount, POOR_BUYER, RICH_BUYER } from '../engine/accounts.ts'
import { formatYuan } from '../engine/money.ts'
import { type AlipaySandbox, LOOPBACK, type SandboxOptions, startAlipaySandbox } from '../sandbox.ts'
import { type Command, CommandFailed, type Flags, UsageError } from './command.ts'
import { startProblem } from './start-problem.ts'

export const DEFAULT_DATA_DIR = '.alipay-sandbox'
/** Only of these may the passwords be printed. */
const DEMO_BUYERS: readonly string[] = [RICH_BUYER, POOR_BUYER]

/** Runs the gateway until Ctrl-C or SIGTERM. */
export const start: Command = {
  takes: [
    'port',
    'host',
    'data',
    'clock-rate',
    'config',
    'notify-allow',
    'token',
    'app-id',
    'app-public-key',
    'tls-port',
    'tls-hosts',
  ],
  switches: ['memory', 'official-sandbox-limits', 'allow-reset', 'i-know-this-is-a-test-gateway', 'json'],
  words: 0,
  async run(flags) {
    // Heard from the first moment on: whoever reads the print below may end this at once.
    const asked = new Promise<void>((resolve) => {
      process.once('SIGINT', resolve)
      process.once('SIGTERM', resolve)
    })
    const options = await optionsOf(flags)
    const sandbox = await startAlipaySandbox(options).catch((error: unknown) => {
      throw startProblem(error, options)
    })
    if (sandbox.cutBytes > 0)
      console.error(`the last write was torn: ${sandbox.cutBytes} bytes were cut off the journal`)
    console.log(flags.on.has('json') ? JSON.stringify(summary(sandbox)) : screen(sandbox, !LOOPBACK.has(options.host)))
    await asked
    await sandbox.stop()
  },
}

async function optionsOf({
  text,
  on,
}: Flags): Promise<SandboxOptions & { readonly port: number; readonly host: string }> {
  const file = text.config === undefined ? {} : await readConfig(text.config)
  const clockRate = number(text['clock-rate'], 'clock-rate', 100_000)
  const notifyAllow = text['notify-allow']?.split(',').filter((host) => host !== '')
  const tlsPort = number(text['tls-port'], 'tls-port', 65_535)
  const tlsHosts = text['tls-hosts']?.split(',').filter((host) => host !== '')
  if (tlsHosts && tlsPort === undefined) throw new UsageError('--tls-hosts needs --tls-port')
  if (on.has('memory') && text.data !== undefined) throw new UsageError('--memory and --data exclude each other')
  return {
    ...file,
    port: number(text.port, 'port', 65_535) ?? 9021,
    host: text.host ?? '127.0.0.1',
    ...(on.has('memory') ? { memory: true } : { dataDir: text.data ?? DEFAULT_DATA_DIR }),
    ...(clockRate !== undefined && { clockRate }),
    ...(notifyAllow && { notifyAllow }),
    ...(text.token !== undefined && { token: text.token }),
    ...(text['app-id'] !== undefined && { appId: appId(text['app-id']) }),
    ...(text['app-public-key'] !== undefined && { appPublicKey: await readKey(text['app-public-key']) }),
    ...(tlsPort !== undefined && { tls: { port: tlsPort, ...(tlsHosts && { hosts: tlsHosts }) } }),
    ...(on.has('official-sandbox-limits') && { settings: { ...file.settings, official_sandbox_limits: true } }),
    allowReset: on.has('allow-reset'),
    iKnowThisIsATestGateway: on.has('i-know-this-is-a-test-gateway'),
  }
}

function number(text: string | undefined, name: string, most: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  const form = name.endsWith('port') ? /^\d+$/ : /^\d+(\.\d+)?$/
  if (!form.test(text) || value > most) throw new UsageError(`--${name} ${text} is not a number up to ${most}`)
  return value
}

function appId(text: string): string {
  if (!/^\d{16}$/.test(text)) throw new UsageError(`--app-id ${text} is not 16 digits`)
  return text
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new CommandFailed(`${path}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/** Apps with keys of their own: the key itself, or a file beside the config file. */
async function readApps(list: readonly unknown[], configPath: string): Promise<readonly OwnApp[]> {
  return Promise.all(
    list.map(async (one) => {
      const { id, public_key: key, public_key_file: file, seller } = { ...(one as Record<string, unknown>) }
      if (typeof id !== 'string' || !/^\d{16}$/.test(id))
        throw new CommandFailed(`${configPath}: an app id has 16 digits`)
      if ((typeof key === 'string') === (typeof file === 'string')) {
        throw new CommandFailed(`${configPath}: app ${id} needs either public_key or public_key_file`)
      }
      const publicKey = typeof key === 'string' ? key : await readKey(resolve(dirname(configPath), String(file)))
      return { id, publicKey, ...(typeof seller === 'string' && { seller }) }
    }),
  )
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new CommandFailed(`--config ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/** The config file is the operator's own; its settings are checked by name and value when the sandbox starts. */
async function readConfig(path: string): Promise<SandboxOptions> {
  const parsed = await readJson(path)
  if (typeof parsed !== 'object' || parsed === null) throw new CommandFailed(`${path}: a JSON object expected`)
  const { settings, accounts, apps, notify_allow: notifyAllow, ...others } = parsed as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new CommandFailed(`${path}: unknown key ${unknown}`)
  return {
    ...(settings !== undefined && { settings: settings as NonNullable<SandboxOptions['settings']> }),
    ...(Array.isArray(accounts) && { accounts: accounts.map((one) => camelKeys(one) as unknown as NewAccount) }),
    ...(Array.isArray(apps) && { apps: await readApps(apps, path) }),
    ...(Array.isArray(notifyAllow) && { notifyAllow: notifyAllow.map(String) }),
  }
}

function summary({ gatewayUrl, endpoint, merchant, files, tls, token }: AlipaySandbox) {
  return {
    gateway: gatewayUrl,
    console: `${endpoint}/_sandbox/${token === undefined ? '' : `?token=${encodeURIComponent(token)}`}`,
    control: `${endpoint}/_sandbox/api/v1`,
    app_id: merchant.appId,
    seller_id: merchant.sellerId,
    alipay_public_key: merchant.alipayPublicKey,
    ...(files?.appPrivateKeyFile !== undefined && { app_private_key_file: files.appPrivateKeyFile }),
    ...(files && {
      app_cert_file: files.appCertFile,
      alipay_cert_file: files.alipayCertFile,
      alipay_root_cert_file: files.alipayRootCertFile,
    }),
    ...(tls && { tls_gateway: `${tls.endpoint}/gateway.do` }),
    ...(tls?.caCertFile !== undefined && { tls_ca_file: tls.caCertFile }),
    ...(token !== undefined && { token }),
  }
}

function screen(sandbox: AlipaySandbox, exposed: boolean): string {
  const { control, console: address, gateway, ...rest } = summary(sandbox)
  const buyers = sandbox.control
    .accounts()
    .filter((account) => DEMO_BUYERS.includes(account.logonId))
    .map((buyer) => `  ${buyer.logonId}  ¥${formatYuan(buyer.balanceFen)}  ${buyer.displayName}`)
  const lines = [
    '离线沙箱，非支付宝官方 · offline test gateway, not affiliated with Alipay',
    '',
    `console               ${address}   ← 用浏览器打开 · open this in a browser`,
    `gateway               ${gateway}`,
    `control API           ${control}/openapi.json`,
    ...Object.entries(rest).map(([name, value]) => `${name.padEnd(22)}${value}`),
    '',
    'buyers (login password and pay password 111111):',
    ...buyers,
  ]
  if (exposed)
    lines.push('', 'WARNING: reachable from other machines. This is a test gateway: the money in it is not real.')
  return lines.join('\n')
}
