import { avatarUrl, pictureUrl } from '@ihome/contract/pictures'
import type { CommentView, HouseBasic, HouseFull, StarPartsView } from '@ihome/contract/schemas/houses'
import { maskPhone } from '@ihome/core/identity/phone'
import type { CancelPolicy } from '@ihome/core/orders/cancel-rule'
import { coverAddress } from './house-cards.ts'

/** A house as lists show it, as its statements give it. */
export interface CardRow {
  readonly id: number
  readonly title: string
  readonly price_fen: number
  readonly area_name: string
  readonly index_image_key: string | null
  readonly cover_caption: string | null
  readonly room_count: number
  readonly order_count: number
  readonly instant: boolean
  readonly review_count: number
  readonly score_sum: number
  readonly address: string
  readonly created_at: Date
  readonly host_name: string
  readonly host_phone: string
  readonly host_avatar_key: string | null
}

/** Until a host takes a name it is the phone number, and that is nobody's business. */
export const hostName = (name: string, phone: string): string => (name === phone ? maskPhone(phone) : name)
/** Somebody who has taken no name stays unnamed beside a comment. */
export const authorName = (name: string, phone: string): string => (name === phone ? '匿名用户' : name)

export const avatarAddress = (key: string | null): string | null => (key === null ? null : avatarUrl(key))

/** The mean of the stars to one decimal, halves up; null while there are none. */
export const scoreOf = (row: { readonly review_count: number; readonly score_sum: number }): number | null =>
  row.review_count === 0 ? null : Math.round((10 * row.score_sum) / row.review_count) / 10

export const viewOfCard = (row: CardRow): HouseBasic => ({
  house_id: row.id,
  title: row.title,
  price: row.price_fen,
  area_name: row.area_name,
  img_url: coverAddress(row.index_image_key),
  cover: row.index_image_key === null ? null : { key: row.index_image_key, caption: row.cover_caption ?? '' },
  room_count: row.room_count,
  order_count: row.order_count,
  instant: row.instant,
  score: scoreOf(row),
  review_count: row.review_count,
  address: row.address,
  user_avatar: avatarAddress(row.host_avatar_key),
  user_name: hostName(row.host_name, row.host_phone),
  ctime: row.created_at.toISOString(),
})

/** A comment with what came with it, as its statements give it. */
export interface CommentRow {
  readonly comment: string
  readonly name: string
  readonly phone: string
  readonly at: string
  readonly stars: number | null
  readonly reply: string | null
  readonly photos: readonly string[]
}

export const viewOfComment = (row: CommentRow): CommentView => ({
  comment: row.comment,
  user_name: authorName(row.name, row.phone),
  ctime: new Date(row.at).toISOString(),
  stars: row.stars,
  photos: row.photos.map((key) => ({ key, caption: '' })),
  reply: row.reply,
})

export interface DetailRow {
  readonly id: number
  readonly user_id: number
  readonly title: string
  readonly price_fen: number
  readonly area_name: string
  readonly address: string
  readonly room_count: number
  readonly acreage: number
  readonly unit: string
  readonly capacity: number
  readonly beds: string
  readonly deposit_fen: number
  readonly min_days: number
  readonly max_days: number
  readonly order_count: number
  readonly instant: boolean
  readonly review_count: number
  readonly score_sum: number
  readonly listed: boolean
  readonly cancel_policy: CancelPolicy
  readonly host_name: string
  readonly host_phone: string
  readonly host_avatar_key: string | null
  readonly pictures: readonly { readonly key: string; readonly caption: string }[]
  readonly facilities: readonly number[]
  readonly parts: StarPartsView
  readonly comment_count: number
  readonly comments: readonly CommentRow[]
}

export const viewOfDetail = (row: DetailRow): HouseFull => ({
  hid: row.id,
  user_id: row.user_id,
  user_name: hostName(row.host_name, row.host_phone),
  user_avatar: avatarAddress(row.host_avatar_key),
  title: row.title,
  price: row.price_fen,
  area_name: row.area_name,
  address: row.address,
  room_count: row.room_count,
  acreage: row.acreage,
  unit: row.unit,
  capacity: row.capacity,
  beds: row.beds,
  deposit: row.deposit_fen,
  min_days: row.min_days,
  max_days: row.max_days,
  order_count: row.order_count,
  instant: row.instant,
  score: scoreOf(row),
  review_count: row.review_count,
  img_urls: row.pictures.map(({ key }) => pictureUrl(key, 960, 'webp')),
  pictures: [...row.pictures],
  facilities: [...row.facilities],
  parts: row.parts,
  comment_count: row.comment_count,
  comments: row.comments.map(viewOfComment),
  listed: row.listed,
  cancel_policy: row.cancel_policy,
})
