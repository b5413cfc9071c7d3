import { CANCEL_POLICIES } from '@ihome/core/orders/cancel-rule'
import Type, { type Static } from 'typebox'
import { Day, Fen, Id, Instant, Nullable, strict } from './fields.ts'

/** The rule by which guests cancel; an order keeps the one it was made under. */
export const CancelPolicyField = Type.Enum([...CANCEL_POLICIES])

export const AreaView = Type.Object({ id: Type.Integer(), name: Type.String() }, strict)
export type AreaView = Static<typeof AreaView>

export const FacilityView = Type.Object({ id: Type.Integer(), name: Type.String(), icon: Type.String() }, strict)
export type FacilityView = Static<typeof FacilityView>

/** A picture by its storage key; sizes and formats are made by `pictures.ts`. `caption` says what is seen. */
export const PictureView = Type.Object({ key: Type.String(), caption: Type.String() }, strict)
export type PictureView = Static<typeof PictureView>

/** The mean of the stars, to one decimal; null while nobody has given any. */
const Score = Type.Union([Type.Number({ minimum: 1, maximum: 5 }), Type.Null()])

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
  score: Score,
  review_count: Type.Integer(),
  address: Type.String(),
  user_avatar: Nullable(Type.String()),
  user_name: Type.String(),
  ctime: Instant,
}
/**
 * `stay_total` stands in lists for dates where the nights of the house do not all cost the same. `photo_count`, in lists
 * whose cards can be swiped, says how many photos the house has.
 */
export const HouseBasic = Type.Object(
  { ...basic, stay_total: Type.Optional(Fen), photo_count: Type.Optional(Type.Integer()) },
  strict,
)
export type HouseBasic = Static<typeof HouseBasic>

export const HomeView = Type.Object({ hlist: Type.Array(HouseBasic) }, strict)
export type HomeView = Static<typeof HomeView>

export const HOUSE_SORTS = ['new', 'booking', 'price-inc', 'price-des'] as const
export type HouseSort = (typeof HOUSE_SORTS)[number]

/** Prices are asked for in whole yuan, up to what a house may cost. */
export const PRICE_ASKED_MAX = 99_999

const wants = {
  sd: Type.Optional(Type.String({ description: 'First night, YYYY-MM-DD' })),
  ed: Type.Optional(Type.String({ description: 'Day of leaving' })),
  aid: Type.Optional(Type.String({ description: 'District' })),
  g: Type.Optional(Type.String({ description: 'People, at least so many fit' })),
  pmin: Type.Optional(Type.String({ description: 'Yuan a night, at least' })),
  pmax: Type.Optional(Type.String({ description: 'Yuan a night, at most' })),
  rooms: Type.Optional(Type.String({ description: 'Rooms, at least' })),
  f: Type.Optional(Type.String({ description: 'Facilities, all of them: ids with commas between', maxLength: 200 })),
  fast: Type.Optional(Type.String({ description: '1: only houses that are booked at once' })),
  score: Type.Optional(Type.String({ description: 'Mean of the stars, at least: 1 to 5' })),
}

export const HouseCountQuery = Type.Object(wants, strict)
export type HouseCountQuery = Static<typeof HouseCountQuery>

/** How many houses fit, counted up to a limit: `more` says that it was reached. */
export const HouseCountView = Type.Object({ count: Type.Integer(), more: Type.Boolean() }, strict)
export type HouseCountView = Static<typeof HouseCountView>

/** `p` is text, since anything that is not a positive integer means page 1. An empty wish counts as none. */
export const HouseListQuery = Type.Object(
  {
    ...wants,
    sk: Type.Optional(Type.String()),
    p: Type.Optional(Type.String()),
    cursor: Type.Optional(Type.String({ maxLength: 200 })),
  },
  strict,
)
export type HouseListQuery = Static<typeof HouseListQuery>

export const DROPPABLE = ['aid', 'dates', 'g', 'price', 'rooms', 'f', 'fast', 'score'] as const

/** Of an empty list: a wish that, left out alone, leaves so many houses. `facility` says which of `f`. */
export const DropView = Type.Object(
  { wish: Type.Enum([...DROPPABLE]), facility: Type.Optional(Type.Integer()), count: Type.Integer() },
  strict,
)
export type DropView = Static<typeof DropView>

export const HouseListView = Type.Object(
  {
    houses: Type.Array(HouseBasic),
    drops: Type.Optional(Type.Array(DropView)),
    total_page: Type.Integer(),
    current_page: Type.Integer(),
    next_cursor: Nullable(Type.String()),
  },
  strict,
)
export type HouseListView = Static<typeof HouseListView>

/** What a guest wrote after a stay. `stars` are those of the whole; older words came without any. */
export const CommentView = Type.Object(
  {
    comment: Type.String(),
    user_name: Type.String(),
    ctime: Instant,
    stars: Nullable(Type.Integer()),
    photos: Type.Array(PictureView),
    reply: Nullable(Type.String()),
  },
  strict,
)
export type CommentView = Static<typeof CommentView>

const Mean = Nullable(Type.Number())
/** Means of the stars by part, to one decimal; null where nobody gave any. */
export const StarPartsView = Type.Object({ clean: Mean, accurate: Mean, location: Mean, host: Mean }, strict)
export type StarPartsView = Static<typeof StarPartsView>

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
    score: Score,
    review_count: Type.Integer(),
    img_urls: Type.Array(Type.String()),
    pictures: Type.Array(PictureView),
    facilities: Type.Array(Type.Integer()),
    parts: StarPartsView,
    comment_count: Type.Integer(),
    comments: Type.Array(CommentView),
    listed: Type.Boolean(),
    cancel_policy: CancelPolicyField,
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
        cancel_policy: CancelPolicyField,
        booked: Type.Array(StayRange),
        weekend_price: Nullable(Fen),
        nights: Type.Array(
          Type.Object({ night: Day, price: Nullable(Fen), min_days: Nullable(Type.Integer()) }, strict),
        ),
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
