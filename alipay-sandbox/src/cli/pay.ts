import type { Command } from './command.ts'
import { asText, callControl, REMOTE_FLAGS, type TradeOnTheWire, tradeLine } from './remote.ts'

/** Plays a buyer without a browser. */
export const pay: Command = {
  takes: [...REMOTE_FLAGS, 'buyer', 'outcome', 'return'],
  switches: ['json'],
  words: 1,
  async run(flags) {
    const { buyer, outcome, return: back } = flags.text
    const body = { pay_url: flags.words[0], buyer, outcome, return: back }
    const payment = (await callControl(flags, 'POST', '/payments', body)) as {
      trade?: TradeOnTheWire
      return_url?: string
    }
    if (flags.on.has('json')) return console.log(asText(payment))
    console.log(payment.trade ? tradeLine(payment.trade) : 'no trade exists')
    if (payment.return_url !== undefined) console.log(payment.return_url)
  },
}
