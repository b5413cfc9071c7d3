import { FAULTS } from '../engine/fault-kinds.ts'
import type { FaultSpec, NotifyKind } from '../engine/model.ts'
import { parseDuration } from '../settings.ts'
import { text, Unclear } from './form-input.ts'
import type { Visit } from './page.ts'

/** The fault that the form describes. What does not fit the kind is refused by the engine itself. */
export function readFault(form: URLSearchParams, visit: Visit): FaultSpec {
  const { say } = visit
  const kind = form.get('kind') ?? ''
  if (!Object.hasOwn(FAULTS, kind)) throw new Unclear(say('请选一种故障。', 'Choose a kind of fault.'))
  const number = (name: string, pattern: RegExp, zh: string, en: string): number | undefined => {
    const given = text(form, name)
    if (given !== undefined && !pattern.test(given)) throw new Unclear(say(zh, en))
    return given === undefined ? undefined : Number(given)
  }
  const times = number(
    'times',
    /^[1-9]\d{0,5}$/,
    '次数是正整数；留空为 1 次。',
    'Times is a whole number; empty is once.',
  )
  const phase = text(form, 'phase')
  return withoutAbsent({
    kind: kind as FaultSpec['kind'],
    method: text(form, 'method'),
    event: text(form, 'event') as NotifyKind | undefined,
    outTradeNo: text(form, 'out_trade_no'),
    times: form.get('endless') === 'yes' ? null : times,
    probability: number(
      'probability',
      /^(0?\.\d+|[01](\.0+)?)$/,
      '概率在 0 到 1 之间。',
      'The probability lies between 0 and 1.',
    ),
    seed: number('seed', /^\d{1,9}$/, '种子是不超过 9 位的整数。', 'The seed is a whole number of 9 digits at most.'),
    phase: phase === 'before' || phase === 'after' ? phase : undefined,
    delayMs: delayOf(form, visit),
    value: text(form, 'value'),
    days: number('days', /^[1-9]\d{0,2}$/, '天数是正整数。', 'Days is a whole number.'),
  })
}

function delayOf(form: URLSearchParams, { say }: Visit): number | undefined {
  const given = text(form, 'delay')
  const ms = given === undefined ? undefined : parseDuration(given)
  if (given !== undefined && ms === undefined)
    throw new Unclear(say('延迟写成 90s、10m 或 2h。', 'Write the delay as 90s, 10m or 2h.'))
  return ms
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined }

/** Leaves out what the form leaves open, so that optional means absent. */
function withoutAbsent(spec: Loose<FaultSpec>): FaultSpec {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as unknown as FaultSpec
}
