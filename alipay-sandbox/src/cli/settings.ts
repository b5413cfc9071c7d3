import { settingsMarkdown } from '../settings.ts'
import { type Command, UsageError } from './command.ts'

/** The differences page, written from the settings table. */
export const settings: Command = {
  takes: ['lang'],
  switches: [],
  words: 0,
  async run({ text }) {
    const language = text.lang ?? 'zh'
    if (language !== 'zh' && language !== 'en') throw new UsageError('--lang is zh or en')
    console.log(settingsMarkdown(language))
  },
}
