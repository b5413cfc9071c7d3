import { en } from './en.ts'
import { enAccounts } from './en-accounts.ts'
import { enCalendar } from './en-calendar.ts'
import { enDetail } from './en-detail.ts'
import { enFacilities } from './en-facilities.ts'
import { enFrame } from './en-frame.ts'
import { enGone } from './en-gone.ts'
import { enHelp } from './en-help.ts'
import { enHome } from './en-home.ts'
import { enHosting } from './en-hosting.ts'
import { enHouseMore } from './en-house-more.ts'
import { enPrivate } from './en-private.ts'
import { enSearch } from './en-search.ts'
import type { AnySay, Say } from './say.ts'

/**
 * Every English text, in one file that only English readers load, before their page comes to life: its words are
 * wanted by pages, sheets and notices alike, and from then on the browser keeps it. The desk brings its own.
 */
export const english: Record<string, string> = {
  ...en,
  ...enCalendar,
  ...enSearch,
  ...enDetail,
  ...enGone,
  ...enHelp,
  ...enHome,
  ...enHouseMore,
  ...enFacilities,
  ...enFrame,
  ...enPrivate,
  ...enAccounts,
  ...enHosting,
}

/** Adds the words of a part that brings its own. */
export function learn(words: Readonly<Record<string, string>>): void {
  Object.assign(english, words)
}

const SLOT = /\{(\w+)(?::([^}]*))?\}/g
/** `27 Nov – 29 Nov` is written as `27–29 Nov`. */
const SAME_MONTH = /\b(\d+)( [A-Z][a-z]{2}) – (\d+)\2\b/g

/**
 * A slot may be followed by words, of which its number chooses one: of two, the first for 1 and the second for all
 * others (`{nights:night|nights}`); of more, the one at this place (`{month:Jan|Feb|…}`). `{day:#}` is a number without
 * leading zeros.
 */
function chosen(value: string | number, words: string | undefined): string {
  if (words === undefined) return String(value)
  const number = Number(value)
  if (words === '#') return String(number)
  const choices = words.split('|')
  const place = choices.length > 2 ? number - 1 : number === 1 ? 0 : 1
  return choices[place] ?? ''
}

const say: AnySay = (key, values) => {
  const text = english[key] ?? key
  if (!values) return text
  return text
    .replace(SLOT, (_slot, name: string, words: string | undefined) => chosen(values[name] ?? '', words))
    .replace(SAME_MONTH, '$1–$3$2')
}

export const sayInEnglish = say as AnySay & Say
