import { FAULT_KINDS, faultEntry } from '../engine/fault-kinds.ts'
import { type Command, type Flags, UsageError } from './command.ts'
import { asText, callControl, REMOTE_FLAGS } from './remote.ts'

const TEXTS = ['method', 'event', 'out-trade-no', 'phase', 'value'] as const
const NUMBERS = ['probability', 'seed', 'delay-ms', 'days'] as const

interface FaultOnTheWire {
  readonly id: string
  readonly kind: string
  readonly times?: number | null
  readonly used: number
  readonly out_trade_no?: string
}

/** Adds a fault, or lists and removes them; `fault kinds` tells what there is without a running sandbox. */
export const fault: Command = {
  takes: [...REMOTE_FLAGS, ...TEXTS, ...NUMBERS, 'times'],
  switches: ['json'],
  words: [1, 2],
  async run(flags) {
    const [word = '', id] = flags.words
    const json = flags.on.has('json')
    if (word === 'remove') return remove(flags, id)
    if (id !== undefined) throw new UsageError(`${id} is not understood after fault ${word}`)
    if (word === 'kinds') return kinds(json)
    if (word === 'list') {
      const faults = (await callControl(flags, 'GET', '/faults')) as FaultOnTheWire[]
      return console.log(json ? asText(faults) : faults.map(faultLine).join('\n') || 'no faults')
    }
    const added = (await callControl(flags, 'POST', '/faults', wish(word, flags))) as FaultOnTheWire
    console.log(json ? asText(added) : faultLine(added))
  },
}

async function remove(flags: Flags, id: string | undefined): Promise<void> {
  if (id === undefined) throw new UsageError('fault remove needs the id of a fault')
  const answer = await callControl(flags, 'DELETE', `/faults/${encodeURIComponent(id)}`)
  console.log(flags.on.has('json') ? asText(answer) : `removed ${id}`)
}

function kinds(json: boolean): void {
  const all = FAULT_KINDS.map((kind) => ({
    kind,
    where: faultEntry(kind).where,
    zh: faultEntry(kind).zh,
    en: faultEntry(kind).en,
  }))
  console.log(json ? asText(all) : all.map(({ kind, en }) => `${kind.padEnd(28)}${en}`).join('\n'))
}

function wish(kind: string, { text }: Flags): Readonly<Record<string, unknown>> {
  if (!FAULT_KINDS.some((known) => known === kind))
    throw new UsageError(`no fault ${kind}; see: alipay-sandbox fault kinds`)
  const wanted: Record<string, unknown> = { kind }
  for (const name of TEXTS) if (text[name] !== undefined) wanted[onTheWire(name)] = text[name]
  for (const name of NUMBERS) if (text[name] !== undefined) wanted[onTheWire(name)] = numberOf(name, text[name])
  if (text.times !== undefined) wanted.times = text.times === 'always' ? null : numberOf('times', text.times)
  return wanted
}

const onTheWire = (name: string) => name.replaceAll('-', '_')

function numberOf(name: string, value: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw new UsageError(`--${name} ${value} is not a number`)
  return Number(value)
}

function faultLine({ id, kind, used, times = 1, out_trade_no }: FaultOnTheWire): string {
  const count = `${used}/${times === null ? 'always' : times}`
  return [id, kind, count, out_trade_no].filter((part) => part !== undefined).join('  ')
}
