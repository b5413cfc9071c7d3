import { CANCEL_POLICIES } from '@ihome/core/orders/cancel-rule'
import Type, { type Static } from 'typebox'
import { Fen, Id, Instant, Nullable, strict } from './fields.ts'
import { HouseBasic, PictureView } from './houses.ts'

/** A whole number as JSON has it, or as the old program's forms sent it: in digits. Its range the server checks. */
const Whole = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d{1,9}$' })], { description })
const Line = (longest: number) => Type.String({ minLength: 1, maxLength: longest, pattern: '\\S' })

const info = {
  title: Line(64),
  price: Whole('Fen a night, 1 to 9999999'),
  area_id: Whole('One of /house/areas'),
  address: Line(512),
  room_count: Whole('1 to 100'),
  acreage: Whole('Square metres, 1 to 100000'),
  unit: Line(32),
  capacity: Whole('1 to 100'),
  beds: Line(64),
  deposit: Whole('Fen, 0 to 9999999'),
  min_days: Whole('Nights, 1 to 365'),
  max_days: Whole('Nights, 0 to 365; 0 is no limit'),
  facility: Type.Array(Whole('One of /house/facility'), { maxItems: 100 }),
  instant: Type.Optional(Type.Boolean({ description: 'Guests book at once, without waiting for the host' })),
  cancel_policy: Type.Optional(Type.Enum([...CANCEL_POLICIES], { description: 'Left out: standard' })),
}
/** Everything a host says about a house; `PUT` replaces all of it. */
export const HouseInfoBody = Type.Object(info, strict)
export type HouseInfoBody = Static<typeof HouseInfoBody>

/** `draft_id` names the draft that this becomes; it is gone afterwards. */
export const PublishHouseBody = Type.Object({ ...info, draft_id: Type.Optional(Id) }, strict)
export type PublishHouseBody = Static<typeof PublishHouseBody>

export const PublishedHouseView = Type.Object({ house_id: Id }, strict)
export type PublishedHouseView = Static<typeof PublishedHouseView>

/** What a host has typed so far, as typed; checked when it becomes a house. */
const Typed = (longest: number) => Type.Optional(Type.String({ maxLength: longest }))
export const DraftContent = Type.Object(
  {
    title: Typed(200),
    price: Typed(20),
    area_id: Typed(9),
    address: Typed(1_000),
    room_count: Typed(9),
    acreage: Typed(9),
    unit: Typed(100),
    capacity: Typed(9),
    beds: Typed(200),
    deposit: Typed(20),
    min_days: Typed(9),
    max_days: Typed(9),
    facility: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 10_000 }), { maxItems: 100 })),
    instant: Type.Optional(Type.Boolean()),
    cancel_policy: Type.Optional(Type.Enum([...CANCEL_POLICIES])),
  },
  strict,
)
export type DraftContent = Static<typeof DraftContent>

/** `step` is where the host left, 1 to 7. */
export const DraftBody = Type.Object({ step: Type.Integer({ minimum: 1, maximum: 7 }), content: DraftContent }, strict)
export type DraftBody = Static<typeof DraftBody>

export const DraftView = Type.Object(
  { draft_id: Id, step: Type.Integer(), content: DraftContent, updated_at: Instant },
  strict,
)
export type DraftView = Static<typeof DraftView>

export const HouseStateField = Type.Enum(['listed', 'unlisted', 'taken_down'])

/** `open_orders` are those that stand whatever becomes of the listing: asked for, to pay, paid, or in the house. */
export const HostHouseView = Type.Object(
  {
    ...HouseBasic.properties,
    state: HouseStateField,
    taken_down_reason: Nullable(Type.String()),
    photo_count: Type.Integer(),
    open_orders: Type.Integer(),
  },
  strict,
)
export type HostHouseView = Static<typeof HostHouseView>

export const HostHousesView = Type.Object(
  { houses: Type.Array(HostHouseView), drafts: Type.Array(DraftView), photos_advised: Type.Integer() },
  strict,
)
export type HostHousesView = Static<typeof HostHousesView>

/** A house as its host edits it. */
export const OwnHouseView = Type.Object(
  {
    house_id: Id,
    title: Type.String(),
    price: Fen,
    area_id: Type.Integer(),
    address: Type.String(),
    room_count: Type.Integer(),
    acreage: Type.Integer(),
    unit: Type.String(),
    capacity: Type.Integer(),
    beds: Type.String(),
    deposit: Fen,
    min_days: Type.Integer(),
    max_days: Type.Integer(),
    facility: Type.Array(Type.Integer()),
    instant: Type.Boolean(),
    cancel_policy: Type.Enum([...CANCEL_POLICIES]),
    state: HouseStateField,
    taken_down_reason: Nullable(Type.String()),
    photos: Type.Array(PictureView),
    photos_most: Type.Integer(),
    gateway_fee_basis_points: Type.Integer(),
    platform_fee_basis_points: Type.Integer(),
  },
  strict,
)
export type OwnHouseView = Static<typeof OwnHouseView>

/** What the pages of publishing must know before there is a house. */
export const PublishingView = Type.Object(
  {
    verified: Type.Boolean(),
    photos_most: Type.Integer(),
    gateway_fee_basis_points: Type.Integer(),
    platform_fee_basis_points: Type.Integer(),
  },
  strict,
)
export type PublishingView = Static<typeof PublishingView>

export const ListedBody = Type.Object({ listed: Type.Boolean() }, strict)
export type ListedBody = Static<typeof ListedBody>
export const HouseStateView = Type.Object({ state: HouseStateField, open_orders: Type.Integer() }, strict)
export type HouseStateView = Static<typeof HouseStateView>

export const KeptPhotoView = Type.Object({ image_url: Type.String(), key: Type.String() }, strict)
export type KeptPhotoView = Static<typeof KeptPhotoView>

const PhotoKey = Type.String({ pattern: '^[0-9a-z]{16,64}$' })
/** All photos of the house, in their new order; the first is the cover. */
export const PhotoOrderBody = Type.Object({ keys: Type.Array(PhotoKey, { minItems: 1, maxItems: 100 }) }, strict)
export type PhotoOrderBody = Static<typeof PhotoOrderBody>
export const PhotoParams = Type.Object({ id: Id, key: PhotoKey }, strict)
export const PhotosView = Type.Object({ photos: Type.Array(PictureView) }, strict)
export type PhotosView = Static<typeof PhotosView>
