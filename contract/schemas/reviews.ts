import Type, { type Static } from 'typebox'
import { Id, Nullable, strict } from './fields.ts'
import { CommentView, PictureView, StarPartsView } from './houses.ts'

const Star = Type.Integer({ minimum: 1, maximum: 5 })
/** What is judged beside the whole: cleanliness, as described, location, host. */
export const STAR_PARTS = ['clean', 'accurate', 'location', 'host'] as const
export type StarPart = (typeof STAR_PARTS)[number]

export const StarsBody = Type.Object(
  {
    overall: Star,
    clean: Type.Optional(Star),
    accurate: Type.Optional(Star),
    location: Type.Optional(Star),
    host: Type.Optional(Star),
  },
  strict,
)
export type StarsBody = Static<typeof StarsBody>

export const REVIEW_PHOTOS_MAX = 6
const PhotoKey = Type.String({ pattern: '^[0-9a-f]{32}$' })

/** `photos` are those sent before for this order, in the order in which they are shown; others are dropped. */
export const CommentBody = Type.Object(
  {
    comment: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
    stars: Type.Optional(StarsBody),
    photos: Type.Optional(Type.Array(PhotoKey, { maxItems: REVIEW_PHOTOS_MAX })),
  },
  strict,
)
export type CommentBody = Static<typeof CommentBody>

export const ReplyBody = Type.Object({ reply: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }) }, strict)
export type ReplyBody = Static<typeof ReplyBody>
export const ReplyView = Type.Object({ reply: Type.String() }, strict)
export type ReplyView = Static<typeof ReplyView>

export const ReviewPhotoParams = Type.Object({ id: Id, key: PhotoKey }, strict)
export const ReviewPhotoView = Type.Object({ key: Type.String() }, strict)
export type ReviewPhotoView = Static<typeof ReviewPhotoView>

export const ReviewListQuery = Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 64 })) }, strict)
export type ReviewListQuery = Static<typeof ReviewListQuery>

/** The reviews of a house, newest first; `count` are all of them, `score` and `parts` the means of the stars. */
export const ReviewListView = Type.Object(
  {
    house: Type.Object({ hid: Id, title: Type.String(), cover: Nullable(PictureView) }, strict),
    count: Type.Integer(),
    score: Nullable(Type.Number()),
    review_count: Type.Integer(),
    parts: StarPartsView,
    reviews: Type.Array(CommentView),
    next_cursor: Nullable(Type.String()),
  },
  strict,
)
export type ReviewListView = Static<typeof ReviewListView>
