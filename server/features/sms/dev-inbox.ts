import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../../platform/config.ts'
import { messageFile } from '../../platform/deliver-outbox.ts'
import type { Deps } from '../../platform/deps.ts'
import { ignoreAbsence } from '../../platform/files.ts'

export const DEV_INBOX = '/dev/sms'
const SHOWN = 30
/** The end of the file is enough for what is shown. */
const READ_BYTES = 64 * 1024

/** Only a trial without a message service has the page: what it shows would otherwise open other people's accounts. */
export const hasDevInbox = ({ production, sms }: Pick<Config, 'production' | 'sms'>): boolean => !production && !sms

const STYLE = `:root{color-scheme:light dark}body{max-width:36rem;margin:0 auto;padding:1rem;font:16px/1.6 system-ui,sans-serif}
ul{padding:0;list-style:none}li{padding:.75rem 0;border-top:1px solid #8886;overflow-wrap:anywhere}
b{font-size:1.5rem;letter-spacing:.1em}a{color:inherit}`
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** The phone of a trial at home: the last messages that would have been sent, the newest first. */
export const devInboxRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  if (!hasDevInbox(deps.config)) return
  app.get(
    DEV_INBOX,
    {
      config: { access: 'anyone', envelope: false, stateless: true },
      schema: { tags: ['service'], operationId: 'readDevInbox', summary: 'Text messages of a trial, as a page' },
    },
    async (_request, reply) => {
      const lines = await lastLines(messageFile(deps.config))
      return reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(pageOf(lines))
    },
  )
}

async function lastLines(file: string): Promise<string[]> {
  const handle = await fs.open(file).catch(ignoreAbsence)
  if (!handle) return []
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, READ_BYTES)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    const lines = buffer.toString('utf8').split('\n')
    // The first line of the piece may be cut.
    return (size > length ? lines.slice(1) : lines)
      .filter((line) => line !== '')
      .slice(-SHOWN)
      .reverse()
  } finally {
    await handle.close()
  }
}

function pageOf(lines: readonly string[]): string {
  const items = lines.map((line) => `<li>${wordsOf(line)}</li>`).join('')
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><meta http-equiv="refresh" content="5"><title>短信收件箱（演示）</title><style>${STYLE}</style></head><body><main><h1>短信收件箱（演示）</h1><p>没有配置短信服务，短信写在这里，不会真的发出。每 5 秒刷新。</p>${items ? `<ul>${items}</ul>` : '<p>还没有短信。</p>'}</main></body></html>`
}

const WORDS: Readonly<Record<string, string>> = {
  account_exists: '这个手机号已经注册过爱家租房，可以直接登录。',
  no_account: '这个手机号还没有注册爱家租房。',
  phone_changed: '你的爱家租房账号换了手机号。',
  password_changed: '你的爱家租房密码已修改。',
  payee_changed: '你的爱家租房收款账户有改动。不是你本人操作，请立即修改密码并联系客服。',
  payout_sent: '房租收入已转入你的收款账户。',
  payout_returned: '一笔房租收入被退回，请在「收入」里核对收款账户。',
  payout_account_wrong: '一笔房租收入没能转出，请在「收入」里核对收款账户。',
}

/** A line of the file as a person reads it; everything in it is text, whoever wrote it. */
function wordsOf(line: string): string {
  const { phone, template, params = [], news, order_id } = parsed(line)
  const to = `<small>${escaped(String(phone ?? ''))}</small><br>`
  if (template === 'code') {
    return `${to}【爱家租房】验证码 <b>${escaped(String(params[0]))}</b>，${escaped(String(params[1]))} 分钟内有效。`
  }
  const kind = String(template ?? news ?? '')
  return to + escaped(WORDS[kind] ?? `${kind}${order_id === undefined ? '' : `（订单 ${String(order_id)}）`}`)
}

interface Line {
  readonly phone?: unknown
  readonly template?: unknown
  readonly params?: readonly unknown[]
  readonly news?: unknown
  readonly order_id?: unknown
}

function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line
  } catch {
    return { news: line }
  }
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
