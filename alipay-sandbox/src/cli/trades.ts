import type { Command } from './command.ts'
import { asText, callControl, REMOTE_FLAGS, type TradeOnTheWire, tradeLine } from './remote.ts'

/** Lists trades, latest first. */
export const trades: Command = {
  takes: [...REMOTE_FLAGS, 'out-trade-no', 'status'],
  switches: ['json'],
  words: 0,
  async run(flags) {
    const query = new URLSearchParams()
    if (flags.text['out-trade-no'] !== undefined) query.set('out_trade_no', flags.text['out-trade-no'])
    if (flags.text.status !== undefined) query.set('status', flags.text.status)
    const list = (await callControl(flags, 'GET', `/trades?${query}`)) as TradeOnTheWire[]
    console.log(flags.on.has('json') ? asText(list) : list.map(tradeLine).join('\n'))
  },
}
