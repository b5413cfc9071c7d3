import type { Api } from './client.ts'
import type { FavouriteIdsView, FavouriteListQuery, FavouriteListView } from './schemas/favourites.ts'

/** The part of the API for the homes that a person keeps; apart, since visitors need none of it. */
export const favouritesOf = ({ call, query }: Pick<Api, 'call' | 'query'>) => ({
  ids: () => call<FavouriteIdsView>({ method: 'GET', path: '/favourites/ids' }),
  list: (filter: FavouriteListQuery) =>
    call<FavouriteListView>({ method: 'GET', path: `/favourites${query({ ...filter })}` }),
  add: (houseId: number) => call<undefined>({ method: 'PUT', path: `/favourites/${houseId}`, json: {} }),
  remove: (houseId: number) => call<undefined>({ method: 'DELETE', path: `/favourites/${houseId}` }),
})
