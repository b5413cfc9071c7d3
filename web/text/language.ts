/** The languages of the site. Chinese is the default, and the measure of what is said. */
export type Language = 'zh' | 'en'

/** The language that a cookie names, if it is one of ours. */
export const languageOf = (cookie: string | undefined): Language => (cookie === 'en' ? 'en' : 'zh')

/** For the attribute `lang`. */
export const TAGS: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en' }

/** Where a link leads that changes the language and comes back to `next`, a path of this site. It needs no scripts. */
export const switchLanguage = (to: Language, next: string): string =>
  `/language?to=${to}&next=${encodeURIComponent(next)}`
