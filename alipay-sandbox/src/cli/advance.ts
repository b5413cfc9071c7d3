import type { Command } from './command.ts'
import { asText, callControl, REMOTE_FLAGS } from './remote.ts'

/** Moves virtual time forward; returns when everything due on the way is done. */
export const advance: Command = {
  takes: [...REMOTE_FLAGS],
  switches: ['json'],
  words: 1,
  async run(flags) {
    const clock = (await callControl(flags, 'POST', '/clock', { advance: flags.words[0] })) as { now: string }
    console.log(flags.on.has('json') ? asText(clock) : clock.now)
  },
}
