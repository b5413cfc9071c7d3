import type {
  DraftBody,
  DraftView,
  HostHousesView,
  OwnHouseView,
  PublishingView,
} from '@ihome/contract/schemas/hosting'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { assertVerified, isVerified } from '../accounts/verified.ts'
import {
  type DraftRow,
  deleteDraft,
  findDraft,
  findOwnHouse,
  insertDraft,
  listDrafts,
  listHostHouses,
  updateDraft,
} from './hosting-store.ts'
import { viewOfCard } from './views.ts'

type Needs = Pick<Deps, 'db' | 'clock' | 'config'>

const PHOTOS_ADVISED = 5
/** More would be somebody filling our tables. */
const DRAFTS_MOST = 10

export const stateOf = (row: { readonly listed: boolean; readonly taken_down_reason: string | null }) =>
  row.taken_down_reason !== null ? 'taken_down' : row.listed ? 'listed' : 'unlisted'

/** The person's own houses and drafts, newest first. Says no with `not_verified`. */
export async function listOwnHouses({ db }: Needs, hostId: number): Promise<HostHousesView> {
  await assertVerified(db, hostId)
  const [houses, drafts] = await Promise.all([listHostHouses(db, hostId), listDrafts(db, hostId)])
  return {
    houses: houses.map((row) => ({
      ...viewOfCard(row),
      state: stateOf(row),
      taken_down_reason: row.taken_down_reason,
      photo_count: row.photo_count,
      open_orders: row.open_orders,
    })),
    drafts: drafts.map(viewOfDraft),
    photos_advised: PHOTOS_ADVISED,
  }
}

/** Whether the person may publish, and what the pages of it reckon with. */
export async function readPublishing({ db, config }: Needs, personId: number): Promise<PublishingView> {
  return { verified: await isVerified(db, personId), ...figuresOf(config) }
}

const figuresOf = ({ limits }: Needs['config']) => ({
  photos_most: limits.photosPerHouse,
  gateway_fee_basis_points: limits.gatewayFeeBasisPoints,
  platform_fee_basis_points: limits.platformFeeBasisPoints,
})

/** An own house as it is edited. Says no with `not_verified`, `house_not_found`, `not_house_owner`. */
export async function readOwnHouse(
  { db, config }: Needs,
  wish: { readonly hostId: number; readonly houseId: number },
): Promise<OwnHouseView> {
  await assertVerified(db, wish.hostId)
  const row = await findOwnHouse(db, wish.houseId)
  if (!row) throw new Refusal('house_not_found')
  if (row.user_id !== wish.hostId) throw new Refusal('not_house_owner')
  return {
    house_id: row.id,
    title: row.title,
    price: row.price_fen,
    area_id: row.area_id,
    address: row.address,
    room_count: row.room_count,
    acreage: row.acreage,
    unit: row.unit,
    capacity: row.capacity,
    beds: row.beds,
    deposit: row.deposit_fen,
    min_days: row.min_days,
    max_days: row.max_days,
    facility: row.facilities,
    instant: row.instant,
    cancel_policy: row.cancel_policy,
    state: stateOf(row),
    taken_down_reason: row.taken_down_reason,
    photos: row.photos,
    ...figuresOf(config),
  }
}

const viewOfDraft = (row: DraftRow): DraftView => ({
  draft_id: row.id,
  step: row.step,
  content: row.content,
  updated_at: row.updated_at.toISOString(),
})

/** Says no with `not_verified`, and with `input_invalid` when there are too many drafts. */
export async function beginDraft({ db, clock }: Needs, userId: number, draft: DraftBody): Promise<DraftView> {
  await assertVerified(db, userId)
  const now = clock.now()
  const id = await insertDraft(db, userId, draft, DRAFTS_MOST, now)
  if (id === undefined) throw inputInvalid({ field: 'draft', reason: `at most ${DRAFTS_MOST}` })
  return viewOfDraft({ id, ...draft, updated_at: now })
}

/** Another person's draft and one that became a house are alike `not_found`. */
export async function saveDraft(
  { db, clock }: Needs,
  wish: { readonly userId: number; readonly draftId: number; readonly draft: DraftBody },
): Promise<DraftView> {
  const now = clock.now()
  if (!(await updateDraft(db, wish.userId, wish.draftId, wish.draft, now))) throw new Refusal('not_found')
  return viewOfDraft({ id: wish.draftId, ...wish.draft, updated_at: now })
}

export async function readDraft({ db }: Needs, userId: number, draftId: number): Promise<DraftView> {
  const row = await findDraft(db, userId, draftId)
  if (!row) throw new Refusal('not_found')
  return viewOfDraft(row)
}

/** Throws the draft away; one that is not there is as good as gone. */
export const dropDraft = ({ db }: Needs, userId: number, draftId: number): Promise<void> =>
  deleteDraft(db, userId, draftId)
