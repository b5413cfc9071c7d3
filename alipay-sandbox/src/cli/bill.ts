import { writeFile } from 'node:fs/promises'
import { BILL_TYPES } from '../bills/bill.ts'
import { parsePeriod } from '../bills/period.ts'
import { formatBeijing } from '../engine/beijing.ts'
import { formatYuan } from '../engine/money.ts'
import { type Command, CommandFailed, UsageError } from './command.ts'
import { asText, callControl, fetchControl, REMOTE_FLAGS } from './remote.ts'

/** The parts of a bill that the command prints. */
interface BillOnTheWire {
  readonly date: string
  readonly type: string
  readonly seller_id: string
  readonly file_name: string
  readonly ready: boolean
  readonly ready_at: string
  readonly rows: number
  readonly totals: Readonly<Record<string, number>>
}

/** Shows what the bill of a day or month says, also before a merchant could fetch it; --out keeps its ZIP. */
export const bill: Command = {
  takes: [...REMOTE_FLAGS, 'type', 'seller-id', 'out'],
  switches: ['json'],
  words: 1,
  async run(flags) {
    const [date = ''] = flags.words
    const { type, 'seller-id': sellerId, out } = flags.text
    if (!parsePeriod(date)) throw new UsageError(`${date} is neither a day yyyy-MM-dd nor a month yyyy-MM`)
    if (type !== undefined && !BILL_TYPES.some((one) => one === type)) {
      throw new UsageError(`--type ${type}: ${BILL_TYPES.join(' or ')} expected`)
    }
    const query = new URLSearchParams()
    if (type !== undefined) query.set('type', type)
    if (sellerId !== undefined) query.set('seller_id', sellerId)
    const found = (await callControl(flags, 'GET', `/bills/${date}?${query}`)) as BillOnTheWire
    if (out !== undefined) {
      const zip = await fetchControl(flags, 'GET', `/bills/${date}/zip?${query}`)
      await keep(out, Buffer.from(await zip.arrayBuffer()))
    }
    if (flags.on.has('json')) return console.log(asText(found))
    console.log([...describe(found), ...(out === undefined ? [] : [`written: ${out}`])].join('\n'))
  },
}

async function keep(path: string, bytes: Buffer): Promise<void> {
  await writeFile(path, bytes, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandFailed(cause.code === 'EEXIST' ? `${path} is there already` : cause.message, { cause })
  })
}

function describe({ date, type, seller_id, ready, ready_at, rows, totals, file_name }: BillOnTheWire): string[] {
  const when = ready ? 'ready' : `ready at ${formatBeijing(new Date(ready_at))} Beijing time`
  const amounts = Object.entries(totals).map(([name, value]) =>
    name.endsWith('_fen') ? `${name.slice(0, -4)} ${formatYuan(value)} yuan` : `${name} ${value}`,
  )
  return [`${date}  ${type}  ${seller_id}  ${rows} rows  ${when}`, `  ${amounts.join('  ')}`, `  ${file_name}`]
}
