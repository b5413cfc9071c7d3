import { type Command, CommandFailed } from './command.ts'
import { asText, callControl, REMOTE_FLAGS } from './remote.ts'

/** Tells a notify once more, with its old notify_id; the schedule stays as it is. */
export const resend: Command = {
  takes: [...REMOTE_FLAGS],
  switches: ['json'],
  words: 1,
  async run(flags) {
    const [number = ''] = flags.words
    const id = /^\d{34}$/.test(number) ? number : await latestAbout(number)
    const delivery = (await callControl(flags, 'POST', `/deliveries/${id}/resend`)) as {
      verdict: string
      http_status?: number
      detail?: string
    }
    if (flags.on.has('json')) return console.log(asText(delivery))
    const { verdict, http_status: status, detail } = delivery
    console.log([id, verdict, status, detail].filter((part) => part !== undefined).join('  '))

    async function latestAbout(outTradeNo: string): Promise<string> {
      const query = `out_trade_no=${encodeURIComponent(outTradeNo)}&limit=1`
      const [latest] = (await callControl(flags, 'GET', `/deliveries?${query}`)) as { notify_id: string }[]
      if (!latest) throw new CommandFailed(`no notify about ${outTradeNo}`)
      return latest.notify_id
    }
  },
}
