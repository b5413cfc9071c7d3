import { type AnySay, type SayFrom, sayFrom, type Texts } from './say.ts'

let other: AnySay | undefined

/**
 * Makes the words of the pages behind the login those of another language. These pages are rendered in the browser
 * alone, which has one visitor and one language, told before anything is mounted; a change of language loads the site
 * anew. So their words may be constants of modules. The server, where visitors of both languages meet, never calls
 * this: what it renders takes its words from the app, by `useSay`.
 */
export function speak(say: AnySay): void {
  other = say
}

/** Says the words of a catalogue in the language of this browser. */
export function sayInBrowser<Catalogue extends Texts>(catalogue: Catalogue): SayFrom<Catalogue> {
  const chinese = sayFrom(catalogue) as AnySay
  return ((key: string, values) => (other ?? chinese)(key, values)) as SayFrom<Catalogue>
}
