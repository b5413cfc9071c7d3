import { createSign, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { signText } from '../keys.ts'
import { encodeGbk } from '../wire/gbk.ts'
import { v1StringToSign } from '../wire/string-to-sign.ts'
import type { FaultKind } from './fault-kinds.ts'
import type { Fault } from './model.ts'
import { formatYuan, parseYuan } from './money.ts'
import { encodeNotify, notifyPairs } from './notify-message.ts'

/** The bytes of one POST to the merchant; percent-encoding makes every body ASCII. */
export interface Posted {
  readonly body: string
  /** Of the content type. */
  readonly charset: 'utf-8' | 'GBK'
}

type Fields = Readonly<Record<string, string>>

/** Kinds that change when a message arrives. One message is held back once. */
export const HOLDING: readonly FaultKind[] = ['notify_delayed', 'notify_reordered', 'notify_after_return']

/** Kinds that send a message about a state the trade is not in before the true one. */
export const FALSE_STATUS: Readonly<Partial<Record<FaultKind, 'TRADE_FINISHED' | 'TRADE_CLOSED'>>> = {
  notify_finished_first: 'TRADE_FINISHED',
  notify_closed_on_paid: 'TRADE_CLOSED',
}

const CHANGED: Readonly<Partial<Record<FaultKind, (fields: Fields, value: string | undefined) => Fields>>> = {
  notify_wrong_amount: (fields) => ({ ...fields, total_amount: oneFenMore(fields) }),
  notify_wrong_app_id: (fields) => ({ ...fields, app_id: '9021999999999999', auth_app_id: '9021999999999999' }),
  notify_wrong_seller_id: (fields) => ({ ...fields, seller_id: '2088999999999999' }),
  notify_extra_parameter: (fields, value) => ({ ...fields, sandbox_extra: value ?? '1' }),
  notify_unknown_status: (fields, value) => ({ ...fields, trade_status: value ?? 'TRADE_PENDING' }),
  notify_sign_type_rsa: (fields) => ({ ...fields, sign_type: 'RSA' }),
  // A merchant that looks the algorithm up in an object by this name finds something there.
  notify_odd_sign_type: (fields, value) => ({ ...fields, sign_type: value ?? '__proto__' }),
  notify_gbk: (fields) => ({ ...fields, charset: 'GBK' }),
}

const oneFenMore = (fields: Fields) => formatYuan((parseYuan(fields.total_amount) ?? 0) + 1)

/** Signs and encodes a message, as the fault wants it. Lies about amounts and ids are signed correctly. */
export async function composeNotify(fields: Fields, key: KeyObject, fault?: Fault): Promise<Posted> {
  const told = (fault && CHANGED[fault.kind]?.(fields, fault.value)) ?? fields
  const coding = told.charset?.toLowerCase() === 'gbk' ? GBK : UTF_8
  const { charset } = coding
  if (fault?.kind === 'notify_missing_sign') return { body: coding.body(told), charset }
  const signed = { ...told, sign: await signature(coding.bytes(v1StringToSign(told)), key, fault?.kind) }
  const body = coding.body(signed)
  const doubled = fault?.kind === 'notify_duplicated_key' ? `${body}&total_amount=${oneFenMore(fields)}` : body
  return { body: doubled, charset }
}

async function signature(text: Buffer, key: KeyObject, kind?: FaultKind): Promise<string> {
  if (kind === 'notify_sign_type_rsa') return createSign('RSA-SHA1').update(text).sign(key, 'base64')
  if (kind === 'notify_bad_signature') return signText(key, Buffer.concat([text, Buffer.from('.')]))
  return signText(kind === 'notify_other_key' ? await strangersKey() : key, text)
}

let stranger: Promise<KeyObject> | undefined

/** A key that nobody knows, made when it is first needed. */
function strangersKey(): Promise<KeyObject> {
  stranger ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 }).then(({ privateKey }) => privateKey)
  return stranger
}

/** As `application/x-www-form-urlencoded` writes bytes. */
const percentGbk = (text: string) =>
  [...encodeGbk(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      if (/[0-9A-Za-z*._-]/.test(char)) return char
      return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')

interface Coding {
  readonly charset: Posted['charset']
  bytes(text: string): Buffer
  body(fields: Fields): string
}

const UTF_8: Coding = { charset: 'utf-8', bytes: (text) => Buffer.from(text), body: encodeNotify }

const GBK: Coding = {
  charset: 'GBK',
  bytes: encodeGbk,
  body: (fields) =>
    notifyPairs(fields)
      .map((pair) => pair.map(percentGbk).join('='))
      .join('&'),
}
