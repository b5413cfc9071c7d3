import { parseDuration } from '../settings.ts'
import { type Command, UsageError } from './command.ts'
import { asText, callControl, REMOTE_FLAGS } from './remote.ts'

/** Moves virtual time forward; returns when everything due on the way is done. */
export const advance: Command = {
  takes: [...REMOTE_FLAGS],
  switches: ['json'],
  words: 1,
  async run(flags) {
    const [span = ''] = flags.words
    if (parseDuration(span) === undefined) throw new UsageError(`${span} is not a time such as 10m, 1h, 25h or 30d`)
    const clock = (await callControl(flags, 'POST', '/clock', { advance: span })) as { now: string }
    console.log(flags.on.has('json') ? asText(clock) : clock.now)
  },
}
