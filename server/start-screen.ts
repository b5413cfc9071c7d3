import { renderUnicodeCompact } from 'uqr'

export interface StartFacts {
  readonly origin: string
  /** True when a phone in the same network can open the address. */
  readonly inNetwork: boolean
  /** Phones of the demo accounts and their common password, when the database holds them. */
  readonly demo:
    | { readonly guest: string; readonly host: string; readonly operator: string; readonly password: string }
    | undefined
  readonly sandbox: { readonly endpoint: string; readonly buyer: string; readonly password: string } | undefined
  readonly dataDir: string
  /** Messages of the start that a person should see. */
  readonly notes: readonly string[]
}

/** The one screen that a start at home prints. */
export function startScreen(facts: StartFacts): string {
  const { origin, demo, sandbox } = facts
  const rows: [string, string][] = [['首页 Site', origin]]
  if (demo) {
    rows.push(
      ['房客 Guest', demo.guest],
      ['房东 Host', demo.host],
      ['运营 Operator', demo.operator],
      ['密码 Password', demo.password],
    )
  }
  if (sandbox) {
    rows.push(
      ['沙箱买家 Sandbox buyer', `${sandbox.buyer}（登录、支付密码 / passwords: ${sandbox.password}）`],
      ['沙箱接口 Sandbox API', `${sandbox.endpoint}/_sandbox/api/v1`],
    )
  }
  rows.push(['接口文档 API docs', `${origin}/api/docs`], ['数据 Data', facts.dataDir])
  const lines = rows.map(([label, value]) => `  ${padded(label, 24)}${value}`)
  const code = facts.inNetwork ? ['', renderUnicodeCompact(origin)] : []
  return [
    '',
    '  爱家租房 iHome',
    '',
    ...facts.notes.map((note) => `  ${note}`),
    ...lines,
    ...code,
    '',
    '  Ctrl-C 停止 stops',
    '',
  ].join('\n')
}

/** Pads to a width in columns; Chinese characters take two. */
function padded(text: string, width: number): string {
  const columns = [...text].reduce((sum, char) => sum + (char.charCodeAt(0) > 0x2e80 ? 2 : 1), 0)
  return text + ' '.repeat(Math.max(1, width - columns))
}
