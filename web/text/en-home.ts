import type { zhHome } from './zh-home.ts'

/** The English of `zhHome`. */
export const enHome = {
  'home.headline_1': 'Stay in a hutong,',
  'home.headline_2': 'sleep in a good bed',
  'home.search': 'Search',
  'home.search_panel': 'Find a home',
  'home.popular': 'Homes people come back to',
  'home.empty': 'No homes yet',
  'home.empty_hint': 'The first homes will appear here.',
  'home.areas_failed': 'The districts did not load. You can search all of them',
  'home.position': '{number}/{total}',
  'home.all': 'See all homes',
  'home.last_search': 'Go on with your last search: {what}',
} satisfies Record<keyof typeof zhHome, string>
