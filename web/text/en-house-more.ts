import type { zhHouseMore } from './zh-house-more.ts'

/** The English of `zhHouseMore`. */
export const enHouseMore = {
  'zoom.title': 'Photos of the home, enlarged',
  'zoom.zoom': 'Zoom in or out',
  'zoom.previous': 'Previous photo',
  'zoom.next': 'Next photo',
  'zoom.failed': 'This photo did not load',
  'house_share.button': 'Share',
  'house_share.title': 'Share this home',
  'house_share.picture': 'QR code that opens the page of this home',
  'house_share.hint': 'Let them scan the code with a phone, or send them the link.',
  'house_share.copy': 'Copy link',
  'house_share.copied': 'The link is copied',
  'house_share.by_hand': 'This browser does not let us copy. Press and hold the link above',
} satisfies Record<keyof typeof zhHouseMore, string>
