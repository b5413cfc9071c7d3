import { formatYuan, parseYuan } from '../engine/money.ts'
import { type Command, UsageError } from './command.ts'
import { asText, callControl, REMOTE_FLAGS, type TradeOnTheWire, tradeLine } from './remote.ts'

/** Refunds a trade as the seller does it in the console: the merchant's program only hears of it by the notify. */
export const refund: Command = {
  takes: [...REMOTE_FLAGS, 'out-request-no', 'reason'],
  switches: ['json'],
  words: [1, 2],
  async run(flags) {
    const [number = '', amount] = flags.words
    const wanted = amount === undefined ? undefined : parseYuan(amount)
    if (amount !== undefined && (wanted === undefined || wanted === 0)) {
      throw new UsageError(`${amount} is not an amount in yuan such as 12.50`)
    }
    const path = `/trades/${encodeURIComponent(number)}`
    const before = (await callControl(flags, 'GET', path)) as TradeOnTheWire
    const amountFen = wanted ?? before.amount_fen - before.refunded_fen
    const trade = (await callControl(flags, 'POST', `${path}/refund`, {
      amount_fen: amountFen,
      out_request_no: flags.text['out-request-no'],
      reason: flags.text.reason,
    })) as TradeOnTheWire
    if (flags.on.has('json')) return console.log(asText(trade))
    console.log(`${tradeLine(trade)}\nrefunded now: ${formatYuan(amountFen)}`)
  },
}
