import type { Api } from './client.ts'
import type { CalendarImportBody, ClashesView, HouseCalendarView, NightsChange } from './schemas/calendars.ts'
import type { EarningsView } from './schemas/earnings.ts'
import type {
  DraftBody,
  DraftView,
  HostHousesView,
  HouseInfoBody,
  HouseStateView,
  KeptPhotoView,
  OwnHouseView,
  PhotosView,
  PublishedHouseView,
  PublishHouseBody,
  PublishingView,
} from './schemas/hosting.ts'

/** The calls of hosts, apart from the client that every page loads. */
export const hostingOf = ({ call }: Pick<Api, 'call'>) => {
  const get = <Data>(path: string) => call<Data>({ method: 'GET', path })
  const house = (houseId: number) => `/users/houses/${houseId}`
  return {
    publishing: () => get<PublishingView>('/users/publishing'),
    houses: () => get<HostHousesView>('/users/houses'),
    house: (houseId: number) => get<OwnHouseView>(house(houseId)),
    publish: (body: PublishHouseBody, idempotencyKey: string) =>
      call<PublishedHouseView>({ method: 'POST', path: '/house/info', json: body, idempotencyKey }),
    edit: (houseId: number, body: HouseInfoBody) =>
      call<OwnHouseView>({ method: 'PUT', path: `/users/houses/${houseId}`, json: body }),
    list: (houseId: number, listed: boolean) =>
      call<HouseStateView>({ method: 'PUT', path: `/users/houses/${houseId}/listed`, json: { listed } }),
    addPhoto: (houseId: number, photo: Blob, onProgress?: (share: number) => void, signal?: AbortSignal) => {
      const parts = new FormData()
      // The number goes first: the server reads the file as it comes.
      parts.append('house_id', String(houseId))
      parts.append('house_image', photo, 'photo')
      return call<KeptPhotoView>({
        method: 'POST',
        path: '/house/image',
        parts,
        onProgress,
        ...(signal ? { signal } : {}),
      })
    },
    orderPhotos: (houseId: number, keys: readonly string[]) =>
      call<PhotosView>({ method: 'PUT', path: `/users/houses/${houseId}/photos`, json: { keys } }),
    removePhoto: (houseId: number, key: string) =>
      call<PhotosView>({ method: 'DELETE', path: `/users/houses/${houseId}/photos/${key}` }),
    beginDraft: (draft: DraftBody) => call<DraftView>({ method: 'POST', path: '/users/house-drafts', json: draft }),
    draft: (draftId: number) => get<DraftView>(`/users/house-drafts/${draftId}`),
    saveDraft: (draftId: number, draft: DraftBody) =>
      call<DraftView>({ method: 'PUT', path: `/users/house-drafts/${draftId}`, json: draft }),
    dropDraft: (draftId: number) => call<undefined>({ method: 'DELETE', path: `/users/house-drafts/${draftId}` }),
    calendar: (houseId: number) => get<HouseCalendarView>(`${house(houseId)}/calendar`),
    setNights: (houseId: number, changes: readonly NightsChange[]) =>
      call<HouseCalendarView>({ method: 'PUT', path: `${house(houseId)}/nights`, json: { changes } }),
    setWeekendPrice: (houseId: number, price: number | null) =>
      call<HouseCalendarView>({ method: 'PUT', path: `${house(houseId)}/weekend-price`, json: { price } }),
    renewExport: (houseId: number) =>
      call<HouseCalendarView>({ method: 'POST', path: `${house(houseId)}/calendar-export`, json: {} }),
    addImport: (houseId: number, body: CalendarImportBody) =>
      call<HouseCalendarView>({ method: 'POST', path: `${house(houseId)}/calendar-imports`, json: body }),
    syncImport: (houseId: number, importId: number) =>
      call<HouseCalendarView>({
        method: 'POST',
        path: `${house(houseId)}/calendar-imports/${importId}/sync`,
        json: {},
      }),
    removeImport: (houseId: number, importId: number) =>
      call<HouseCalendarView>({ method: 'DELETE', path: `${house(houseId)}/calendar-imports/${importId}` }),
    earnings: (cursor?: string) =>
      get<EarningsView>(`/user/earnings${cursor === undefined ? '' : `?cursor=${cursor}`}`),
    clashes: (orderId: number) => get<ClashesView>(`/orders/${orderId}/clashes`),
  }
}

export type Hosting = ReturnType<typeof hostingOf>
