import Type, { type Static } from 'typebox'
import { Day, Fen, Id, Instant, Nullable, strict } from './fields.ts'

export const AreaView = Type.Object({ id: Type.Integer(), name: Type.String() }, strict)
export type AreaView = Static<typeof AreaView>

export const FacilityView = Type.Object({ id: Type.Integer(), name: Type.String(), icon: Type.String() }, strict)
export type FacilityView = Static<typeof FacilityView>

/** A picture by its storage key; sizes and formats are made by `pictures.ts`. `caption` says what is seen. */
export const PictureView = Type.Object({ key: Type.String(), caption: Type.String() }, strict)
export type PictureView = Static<typeof PictureView>

/**
 * `instant` means that a guest books at once, without waiting for the host. `img_url` and `user_avatar` are addresses that a
 * bare client can load; `cover` lets ours choose size and format.
 */
const basic = {
  house_id: Id,
  title: Type.String(),
  price: Fen,
  area_name: Type.String(),
  img_url: Nullable(Type.String()),
  cover: Nullable(PictureView),
  room_count: Type.Integer(),
  order_count: Type.Integer(),
  instant: Type.Boolean(),
  address: Type.String(),
  user_avatar: Nullable(Type.String()),
  user_name: Type.String(),
  ctime: Instant,
}
export const HouseBasic = Type.Object(basic, strict)
export type HouseBasic = Static<typeof HouseBasic>

export const HomeView = Type.Object({ hlist: Type.Array(HouseBasic) }, strict)
export type HomeView = Static<typeof HomeView>

export const HOUSE_SORTS = ['new', 'booking', 'price-inc', 'price-des'] as const
export type HouseSort = (typeof HOUSE_SORTS)[number]

/** `p` is text, since anything that is not a positive integer means page 1. */
export const HouseListQuery = Type.Object(
  {
    sd: Type.Optional(Type.String()),
    ed: Type.Optional(Type.String()),
    aid: Type.Optional(Type.String()),
    sk: Type.Optional(Type.String()),
    p: Type.Optional(Type.String()),
    cursor: Type.Optional(Type.String({ maxLength: 200 })),
  },
  strict,
)
export type HouseListQuery = Static<typeof HouseListQuery>

export const HouseListView = Type.Object(
  {
    houses: Type.Array(HouseBasic),
    total_page: Type.Integer(),
    current_page: Type.Integer(),
    next_cursor: Nullable(Type.String()),
  },
  strict,
)
export type HouseListView = Static<typeof HouseListView>

export const CommentView = Type.Object({ comment: Type.String(), user_name: Type.String(), ctime: Instant }, strict)
export type CommentView = Static<typeof CommentView>

export const HouseFull = Type.Object(
  {
    hid: Id,
    user_id: Id,
    user_name: Type.String(),
    user_avatar: Nullable(Type.String()),
    title: Type.String(),
    price: Fen,
    area_name: Type.String(),
    address: Type.String(),
    room_count: Type.Integer(),
    acreage: Type.Integer(),
    unit: Type.String(),
    capacity: Type.Integer(),
    beds: Type.String(),
    deposit: Fen,
    min_days: Type.Integer(),
    max_days: Type.Integer(),
    order_count: Type.Integer(),
    instant: Type.Boolean(),
    img_urls: Type.Array(Type.String()),
    pictures: Type.Array(PictureView),
    facilities: Type.Array(Type.Integer()),
    comments: Type.Array(CommentView),
    listed: Type.Boolean(),
  },
  strict,
)
export type HouseFull = Static<typeof HouseFull>

/** `user_id` is the viewer, or -1 for a visitor. */
export const HouseDetailView = Type.Object({ user_id: Type.Integer(), house: HouseFull }, strict)
export type HouseDetailView = Static<typeof HouseDetailView>

export const StayRange = Type.Object({ start_date: Day, end_date: Day }, strict)

/** What a booking page and its calendar need. `today` is the server's day in Shanghai, `now` its clock. */
export const HouseBookingView = Type.Object(
  {
    house: Type.Object(
      {
        ...basic,
        user_id: Id,
        min_days: Type.Integer(),
        max_days: Type.Integer(),
        capacity: Type.Integer(),
        deposit: Fen,
        booked: Type.Array(StayRange),
      },
      strict,
    ),
    today: Day,
    now: Instant,
    horizon_days: Type.Integer(),
    longest_nights: Type.Integer(),
    accept_hours: Type.Integer(),
    pay_minutes: Type.Integer(),
  },
  strict,
)
export type HouseBookingView = Static<typeof HouseBookingView>
