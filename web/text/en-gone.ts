import type { zhGone } from './zh-gone.ts'

/** The English of `zhGone`. */
export const enGone = {
  'gone.title': 'Page not found',
  'gone.hint': 'The address may be wrong, or what was here is gone.',
  'gone.house': 'Home not found',
  'gone.search': 'See other homes',
  'gone.house_hint': 'It may have been taken offline. Have a look at other homes.',
} satisfies Record<keyof typeof zhGone, string>
