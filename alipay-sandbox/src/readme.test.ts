import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SETTING_GROUPS, SETTING_NAMES, SETTINGS, settingsMarkdown } from './settings.ts'

const root = join(import.meta.dirname, '..')
const GATEWAY = 'http://127.0.0.1:9021/gateway.do'

describe.each([
  ['README.md', 'zh', '与支付宝、蚂蚁集团没有任何关系', '三行开始'],
  ['README.en.md', 'en', 'Not affiliated with Alipay', 'Three lines'],
] as const)('%s', (file, language, disclaimer, quickStart) => {
  const readme = readFileSync(join(root, file), 'utf8')

  test('SBX-83 says what it is not before anything else', () => {
    expect(readme.indexOf(disclaimer)).toBeGreaterThan(0)
    expect(readme.indexOf(disclaimer)).toBeLessThan(readme.indexOf('## '))
  })

  test('SBX-83 the differences are those of the settings; npm run differences writes them', () => {
    expect(readme).toContain(settingsMarkdown(language))
  })

  test('the quick start has three lines', () => {
    const [, block = ''] = new RegExp(`## ${quickStart}[\\s\\S]*?\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(readme) ?? []
    expect(block.trim().split('\n')).toHaveLength(3)
  })

  test('SBX-75 shows for six languages where the gateway address of the SDK is set', () => {
    for (const fence of ['js', 'java', 'php', 'python', 'go', 'ruby']) {
      const [, example = ''] = new RegExp(`\`\`\`${fence}\\n([\\s\\S]*?)\`\`\``).exec(readme) ?? []
      expect(example, fence).toContain(GATEWAY)
    }
  })

  test('every picture is there', () => {
    const pictures = [...readme.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path = '']) => path)
    expect(pictures).toHaveLength(3)
    for (const path of pictures) expect(existsSync(join(root, path)), path).toBe(true)
  })
})

test('SBX-83 every setting belongs to a group and says why it is as it is in both languages', () => {
  for (const name of SETTING_NAMES) {
    const { group, zh, en } = SETTINGS[name]
    expect(SETTING_GROUPS, name).toHaveProperty(group)
    expect(zh.length, name).toBeGreaterThan(5)
    expect(en.length, name).toBeGreaterThan(10)
  }
})

test('SBX-83 whatever the real gateway leaves open is marked as open', () => {
  const open = SETTING_NAMES.filter((name) => SETTINGS[name].open)
  expect(open).toEqual(
    expect.arrayContaining([
      'fee_rate',
      'fee_rounding',
      'refund_fee_policy',
      'timestamp_skew_minutes',
      'notify_on_trade_closed',
      'notify_on_trade_finished',
      'refund_replay',
      'bill_newline',
      'bill_columns',
      'fee_sign',
      'ack_case_sensitive',
      'close_unknown',
      'trade_created_at_wap',
      'trade_created_at_page',
      'wrong_password_creates_trade',
      'close_paid_error',
      'notify_time_mode',
      'notify_schedule',
      'notify_cert_sn',
      'sign_missing_signature_error',
      'cert_sn_error',
      'refund_interval',
      'gmt_refund_fraction',
      'notify_refund_fee',
    ]),
  )
})
