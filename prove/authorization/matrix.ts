import { randomUUID } from 'node:crypto'
import { addDays, dayInShanghai } from '@ihome/core/calendar'
import type { Wish } from '../asker.ts'
import { pictureForm, type Role } from '../cast.ts'

/** What one couple of guest and host owns together, or what nobody owns. */
export interface Things {
  readonly houseId: number
  /** Waits for the host's answer. */
  readonly orderId: number
  /** Over and waiting for its review. */
  readonly stayId: number
  readonly guestId: number
  readonly draftId: number
  readonly photo: string
  readonly reviewPhoto: string
  readonly importId: number
  readonly exportName: string
  readonly smsRequest: string
}

/**
 * Who may call a route, and whose thing it is about. `may` lets in everybody, whoever has an account, or operators of
 * these roles (`admin` always with them); `of` keeps the thing to its guest, its host, or both.
 */
export interface Row {
  readonly may: 'anyone' | 'people' | readonly Role[]
  readonly of?: 'guest' | 'host' | 'both'
  /** What stands for the braces of the address. */
  readonly params?: (things: Things) => Readonly<Record<string, string | number>>
  /** Parameters that name a part of the thing: the own thing with the part of a stranger's is refused as well. */
  readonly part?: string
  readonly query?: string
  readonly wish?: (things: Things) => Wish | Promise<Wish>
  /** True when strangers get an answer about themselves instead of a refusal; nothing may change by it all the same. */
  readonly answersAll?: true
  /** True when a step at the wrong time is refused like one by the wrong person, and no time is right in this run. */
  readonly oneRefusal?: true
}

const DESK: readonly Role[] = ['support', 'content', 'finance', 'admin']
const CONTENT: readonly Role[] = ['content', 'admin']
const FINANCE: readonly Role[] = ['finance', 'admin']
const SUPPORT: readonly Role[] = ['support', 'finance', 'admin']

const house = ({ houseId }: Things) => ({ id: houseId })
const order = ({ orderId }: Things) => ({ id: orderId })
const stay = ({ stayId }: Things) => ({ id: stayId })
const draft = ({ draftId }: Things) => ({ id: draftId })
const guest = ({ guestId }: Things) => ({ id: guestId })
const calendar = ({ houseId, importId }: Things) => ({ id: houseId, import_id: importId })
const reviewPhoto = ({ stayId, reviewPhoto }: Things) => ({ id: stayId, key: reviewPhoto })
const noCase = () => ({ id: 999_999_999 })
const noPayout = noCase
/** A number at the gateway that no attempt has. */
const noAttempt = () => ({ out_trade_no: 'NOBODY0000000000' })
const first = () => ({ id: 1 })
const billDay = () => ({ day: '2026-01-01' })
const json = (value: unknown) => () => ({ json: value })
const once =
  (value: unknown = {}) =>
  (): Wish => ({ json: value, headers: { 'idempotency-key': randomUUID() } })

/** A day that many days from now. */
const soon = (days: number) => addDays(dayInShanghai(new Date()), days)

const anyone: Row = { may: 'anyone' }
const people: Row = { may: 'people' }
const desk: Row = { may: DESK }
const REASON = json({ reason: '来信要求' })
const INFO = {
  title: '河边的小屋',
  price: 38_800,
  area_id: 1,
  address: '试验路 1 号',
  room_count: 1,
  acreage: 40,
  unit: '一室一厅',
  capacity: 4,
  beds: '双人床 1 张',
  deposit: 0,
  min_days: 1,
  max_days: 0,
  facility: [],
}
const NOBODY = { mobile: '15800000000', sms_code: '000000' }
const WORDS = { password: 'a new password of mine', password2: 'a new password of mine' }
const CAPTCHA = { image_code_id: 'none', image_code: 'none' }

/**
 * Every route by its operationId. The order is that in which those who may do it: what ends a thing stands behind what
 * needs it.
 */
export const MATRIX: Readonly<Record<string, Row>> = {
  livez: anyone,
  readyz: anyone,
  readOpenApi: anyone,
  readCsrf: anyone,
  listAreas: anyone,
  listFacilities: anyone,
  readHome: anyone,
  listHouses: anyone,
  countHouses: anyone,
  readHouse: { may: 'anyone', params: house },
  listReviews: { may: 'anyone', params: house },
  readHouseForBooking: { may: 'anyone', params: house },
  readPicture: { may: 'anyone', params: ({ photo }) => ({ name: `${photo}-960.webp`, file: `${photo}-960.webp` }) },
  exportCalendar: { may: 'anyone', params: ({ exportName }) => ({ name: exportName }) },
  makeCaptcha: { may: 'anyone', wish: json({}) },
  showCaptcha: { may: 'anyone', params: () => ({ image_code_id: 'none' }) },
  askSmsCode: { may: 'anyone', params: () => ({ mobile: NOBODY.mobile }), wish: json(CAPTCHA) },
  readSmsRequest: { may: 'anyone', of: 'guest', params: ({ smsRequest }) => ({ id: smsRequest }) },
  register: { may: 'anyone', wish: json({ ...NOBODY, ...WORDS }) },
  resetPassword: { may: 'anyone', wish: json({ ...NOBODY, ...WORDS }) },
  signInByCode: { may: 'anyone', wish: json(NOBODY) },
  signIn: { may: 'anyone', wish: json({ mobile: NOBODY.mobile, password: 'none' }) },
  signInOperator: { may: 'anyone', wish: json({ login: 'nobody', password: 'none' }) },
  takePaymentReturn: { may: 'anyone', wish: () => ({ form: 'out_trade_no=none' }) },
  takeWechatNotice: { may: 'anyone', wish: json({}) },
  readPayWays: { may: 'anyone' },
  takeAlipayNotice: { may: 'anyone', wish: () => ({ form: 'out_trade_no=none&sign=none' }) },

  readSession: people,
  readProfile: people,
  readRealName: people,
  listDevices: people,
  readPublishing: people,
  listOwnHouses: people,
  listOrders: people,
  countOrders: people,
  listFavouriteIds: people,
  listFavourites: people,
  listThreads: people,
  countUnread: people,
  // Without the header that a stream needs; whoever is let in hears of that, and nobody waits for an end.
  listenToThreads: people,
  readEarnings: people,
  exportEarnings: people,
  readPayouts: people,
  changePayoutAccount: { may: 'people', wish: json({ account: 'somebody@example.com' }) },
  verifyRealName: { may: 'people', wish: json({ real_name: '欧阳客丙', id_card: '1', consent: true }) },
  changeName: { may: 'people', wish: json({ name: '' }) },
  changeAvatar: { may: 'people', wish: async () => ({ parts: await pictureForm('avatar') }) },
  stepUp: { may: 'people', wish: json({}) },
  changePassword: { may: 'people', wish: json(WORDS) },
  changePhone: { may: 'people', wish: json(NOBODY) },
  deleteAccount: { may: 'people', wish: json({}) },
  endOtherDevices: people,
  beginDraft: { may: 'people', wish: json({ step: 1, content: {} }) },
  publishHouse: { may: 'people', wish: once(INFO) },
  placeOrder: {
    may: 'people',
    wish: once({ house_id: 999_999_999, start_date: '2030-01-01', end_date: '2030-01-02' }),
  },
  keepHouse: { may: 'people', params: house, wish: json({}) },
  dropHouse: { may: 'people', params: house, answersAll: true },

  readOwnHouse: { may: 'people', of: 'host', params: house },
  editHouse: { may: 'people', of: 'host', params: house, wish: json(INFO) },
  addPhoto: {
    may: 'people',
    of: 'host',
    wish: async ({ houseId }) => ({ parts: await pictureForm('house_image', { house_id: String(houseId) }) }),
  },
  orderPhotos: { may: 'people', of: 'host', params: house, wish: ({ photo }) => ({ json: { keys: [photo] } }) },
  removePhoto: {
    may: 'people',
    of: 'host',
    params: ({ houseId, photo }) => ({ id: houseId, key: photo }),
    part: 'key',
  },
  readCalendar: { may: 'people', of: 'host', params: house },
  setNights: {
    may: 'people',
    of: 'host',
    params: house,
    wish: () => ({ json: { changes: [{ start_date: soon(40), end_date: soon(41), closed: true }] } }),
  },
  setWeekendPrice: { may: 'people', of: 'host', params: house, wish: json({ price: 50_000 }) },
  renewExport: { may: 'people', of: 'host', params: house, wish: json({}) },
  addImport: {
    may: 'people',
    of: 'host',
    params: house,
    wish: json({ name: '别处', url: 'https://calendar.invalid/of/mine.ics' }),
  },
  syncImport: { may: 'people', of: 'host', params: calendar, part: 'import_id', wish: json({}) },
  removeImport: { may: 'people', of: 'host', params: calendar, part: 'import_id' },
  readDraft: { may: 'people', of: 'host', params: draft },
  saveDraft: { may: 'people', of: 'host', params: draft, wish: json({ step: 2, content: {} }) },
  dropDraft: { may: 'people', of: 'host', params: draft },

  readOrder: { may: 'people', of: 'both', params: order },
  readOrderCalendar: { may: 'people', of: 'both', params: order },
  readClashes: { may: 'people', of: 'host', params: order },
  readThread: { may: 'people', of: 'both', params: order },
  say: {
    may: 'people',
    of: 'both',
    params: order,
    wish: () => ({ json: { text: '几点可以入住?', client_id: randomUUID() } }),
  },
  // About one's own count of unread threads, whatever the number says.
  markRead: { may: 'people', params: order, wish: json({ up_to: 999_999_999 }), answersAll: true },
  answerOrder: { may: 'people', of: 'host', params: order, wish: json({ action: 'accept' }) },
  openPayment: { may: 'people', of: 'guest', params: order, wish: once() },
  checkOutOrder: { may: 'people', of: 'both', params: order, wish: json({}), oneRefusal: true },
  addReviewPhoto: {
    may: 'people',
    of: 'guest',
    params: stay,
    wish: async () => ({ parts: await pictureForm('photo') }),
  },
  removeReviewPhoto: { may: 'people', of: 'guest', params: reviewPhoto, part: 'key' },
  commentOrder: { may: 'people', of: 'guest', params: stay, wish: json({ comment: '很好', stars: { overall: 5 } }) },
  replyToReview: { may: 'people', of: 'host', params: stay, wish: json({ reply: '谢谢' }) },
  cancelOrder: { may: 'people', of: 'both', params: order, wish: once({ reason: '改主意了' }) },
  listHouse: { may: 'people', of: 'host', params: house, wish: json({ listed: false }) },

  readOperatorSession: desk,
  listDeskActions: desk,
  listDeskCases: desk,
  listDeskHouses: desk,
  listDeskBills: desk,
  readDeskBill: { may: DESK, params: billDay },
  listBillLines: { may: DESK, params: billDay },
  listDifferences: { may: DESK, params: billDay },
  fetchBill: { may: FINANCE, wish: json({ day: '2026-13-01' }) },
  takeDifference: { may: FINANCE, params: first, wish: REASON },
  resolveDifference: { may: FINANCE, params: first, wish: REASON },
  listDeskOrders: desk,
  listDeskPayments: desk,
  listDeskPayouts: desk,
  listDeskRefunds: desk,
  listRefundRequests: desk,
  listDeskReviews: desk,
  listDeskUsers: desk,
  readHeroes: desk,
  readToday: desk,
  listDeskMessages: desk,
  readLedger: desk,
  listLedgerEntries: desk,
  readDeskOrder: { may: DESK, params: order },
  readDeskUser: { may: DESK, params: guest },
  revealToDesk: { may: SUPPORT, params: guest, wish: json({ field: 'phone', reason: '来信要求' }) },
  askAboutPayment: { may: SUPPORT, params: noAttempt, wish: REASON },
  readRefundable: { may: DESK, params: order },
  refundPart: {
    may: FINANCE,
    params: order,
    wish: once({ amount_fen: 1, reason: 'early_end', note: '来信要求' }),
  },
  retryRefund: { may: FINANCE, params: first, wish: once({ reason: '来信要求' }) },
  askRefundEnding: { may: FINANCE, params: first, wish: once({ how: 'void', note: '来信要求' }) },
  askWriteOff: { may: FINANCE, params: order, wish: REASON },
  decideRefund: { may: FINANCE, params: first, wish: once({ decision: 'decline', note: '来信要求' }) },
  retryPayout: { may: FINANCE, params: noPayout, wish: REASON },
  freezePayout: { may: FINANCE, params: noPayout, wish: REASON },
  unfreezePayout: { may: FINANCE, params: noPayout, wish: REASON },
  sayPayoutArrived: { may: FINANCE, params: noPayout, wish: REASON },
  sayPayoutNotArrived: { may: FINANCE, params: noPayout, wish: REASON },
  retryMessage: { may: SUPPORT, params: () => ({ id: 999_999_999 }), wish: REASON },
  takeCase: { may: SUPPORT, params: noCase, wish: REASON },
  resolveCase: { may: SUPPORT, params: noCase, wish: REASON },
  refundUnmatched: { may: FINANCE, params: noCase, wish: REASON },
  matchUnmatched: { may: FINANCE, params: noCase, wish: json({ order_id: 1, reason: '来信要求' }) },
  cancelForPlatform: { may: FINANCE, params: order, wish: REASON },
  addArea: { may: CONTENT, wish: json({ name: '河东新区' }) },
  nameArea: { may: CONTENT, params: first, wish: json({ name: '河西新区' }) },
  nameFacility: { may: CONTENT, params: first, wish: json({ name: '快的网络' }) },
  chooseHeroes: { may: CONTENT, wish: json({ house_ids: [] }) },
  takeHouseDown: { may: CONTENT, params: house, wish: REASON },
  putHouseBack: { may: CONTENT, params: house, wish: REASON },
  takeReviewDown: { may: CONTENT, params: stay, wish: REASON },
  putReviewBack: { may: CONTENT, params: stay, wish: REASON },

  // Those who may do these lose their sessions by it.
  signOut: anyone,
  endSessionsAtDesk: { may: SUPPORT, params: guest, wish: REASON },
  signOutOperator: desk,
}

/** The routes of an OpenAPI document. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly operationId: string
  readonly isPage: boolean
}

type Operations = Readonly<Record<string, { readonly operationId?: string; readonly tags?: readonly string[] }>>

export function routesOf(document: { readonly paths?: Readonly<Record<string, unknown>> }): Route[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations as Operations).map(([method, { operationId = '', tags = [] }]) => ({
      method: method.toUpperCase(),
      path,
      operationId,
      isPage: tags.includes('pages'),
    })),
  )
}

/** Where matrix and document do not say the same; a route that the matrix does not know is a hole in the proof. */
export function holesIn(routes: readonly Route[]): string[] {
  const api = routes.filter(({ isPage }) => !isPage)
  const unknown = api.filter(({ operationId }) => !(operationId in MATRIX))
  const twice = api.filter(({ operationId }, at) => api.findIndex((one) => one.operationId === operationId) !== at)
  const gone = Object.keys(MATRIX).filter((id) => !api.some(({ operationId }) => operationId === id))
  return [
    ...unknown.map(({ method, path, operationId }) => `G33 ${method} ${path} (${operationId}) is not in the matrix`),
    ...twice.map(({ operationId }) => `G33 two routes are called ${operationId}`),
    ...gone.map((id) => `G33 the matrix knows ${id}, the document does not`),
  ]
}
