import Type, { type Static } from 'typebox'
import { Id, Nullable, strict } from './fields.ts'
import { HouseBasic } from './houses.ts'

export const FavouriteIdsView = Type.Object({ ids: Type.Array(Id) }, strict)
export type FavouriteIdsView = Static<typeof FavouriteIdsView>

/** With dates, each home says whether it is free then. */
export const FavouriteListQuery = Type.Object(
  {
    sd: Type.Optional(Type.String()),
    ed: Type.Optional(Type.String()),
    cursor: Type.Optional(Type.String({ maxLength: 64 })),
  },
  strict,
)
export type FavouriteListQuery = Static<typeof FavouriteListQuery>

export const FavouriteView = Type.Object(
  { house: HouseBasic, listed: Type.Boolean(), free: Nullable(Type.Boolean()) },
  strict,
)
export type FavouriteView = Static<typeof FavouriteView>

export const FavouriteListView = Type.Object(
  { favourites: Type.Array(FavouriteView), next_cursor: Nullable(Type.String()) },
  strict,
)
export type FavouriteListView = Static<typeof FavouriteListView>
