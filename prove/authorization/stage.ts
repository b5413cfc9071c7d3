import type { World } from '@ihome/e2e/world'
import { API, type Asker, dataOf, newAsker } from '../asker.ts'
import {
  addCustomers,
  addOperators,
  COUPLES,
  type Customer,
  type Customers,
  disable,
  ID_CARDS,
  pictureForm,
  placeOrder,
  REAL_NAMES,
  type Role,
  SECRET,
  signIn,
  stayOver,
} from '../cast.ts'
import { askCode } from '../sms-service.ts'
import type { Things } from './matrix.ts'

export type PersonName = 'anonymous' | Customer | 'disabled' | Role

/** A text that only some may read, wherever it turns up. */
export interface Secret {
  readonly what: string
  readonly text: string
  readonly readers: readonly PersonName[]
  /** Operations by which whoever may call them reads it too. */
  readonly shownBy?: readonly string[]
}

export interface Stage {
  readonly people: Readonly<Record<PersonName, Asker>>
  /** What each couple owns, in the order of COUPLES. */
  readonly owned: readonly Things[]
  readonly secrets: readonly Secret[]
}

/** Nobody's: shaped like things that exist. */
export const MISSING: Things = {
  houseId: 999_999_999,
  orderId: 999_999_999,
  stayId: 999_999_999,
  guestId: 999_999_999,
  draftId: 999_999_999,
  photo: 'f'.repeat(32),
  reviewPhoto: 'f'.repeat(32),
  importId: 999_999_999,
  exportName: `${'A'.repeat(32)}.ics`,
  smsRequest: 'A'.repeat(24),
}

/** Two couples with everything that people own here, operators of every role, and somebody who was shut out. */
export async function setStage(world: World): Promise<Stage> {
  const customers = await addCustomers(world)
  const couples = COUPLES.map(({ guest, host }, at) => ({
    guest: customers[guest],
    host: customers[host],
    houseId: customers.houses[at] ?? 0,
  }))
  const stays = await stayOver(world, couples)
  // Their sessions ended while the clock moved.
  for (const name of ['guestA', 'guestB', 'hostX', 'hostY', 'disabled'] as const) await signIn(customers[name])
  const owned: Things[] = []
  const secrets: Secret[] = []
  for (const [at, couple] of couples.entries()) {
    const names = COUPLES[at] ?? COUPLES[0]
    const stayId = stays[at] ?? 0
    owned.push(await addThings(world, couple, { names, stayId, secrets }))
  }
  await disable(world, customers.disabled)
  const operators = await addOperators(world)
  const anonymous = newAsker(() => world.origin)
  await anonymous.ask('GET', `${API}/csrf`)
  const { houses: _houses, ...named } = customers
  return { people: { anonymous, ...named, ...operators }, owned, secrets: [...secrets, ...ownSecrets(customers)] }
}

async function addThings(
  world: World,
  { guest, host, houseId }: { guest: Customers[Customer]; host: Customers[Customer]; houseId: number },
  { names, stayId, secrets }: { names: (typeof COUPLES)[number]; stayId: number; secrets: Secret[] },
): Promise<Things> {
  const orderId = await placeOrder(world, guest, houseId, 20)
  const line = `只说给房东听的话 ${names.guest}`
  const said = { text: line, client_id: `line-of-${names.guest}` }
  dataOf(await guest.ask('POST', `${API}/messages/${orderId}`, { json: said }))
  const title = `还没发布的房子 ${names.host}`
  const drafted = { json: { step: 1, content: { title } } }
  const { draft_id: draftId } = dataOf<{ draft_id: number }>(
    await host.ask('POST', `${API}/users/house-drafts`, drafted),
  )
  const form = { parts: await pictureForm('house_image', { house_id: String(houseId) }) }
  const { key: photo } = dataOf<{ key: string }>(await host.ask('POST', `${API}/house/image`, form))
  const seen = { parts: await pictureForm('photo') }
  const { key: reviewPhoto } = dataOf<{ key: string }>(
    await guest.ask('POST', `${API}/orders/${stayId}/comment/photos`, seen),
  )
  const { export_url: exportUrl } = dataOf<{ export_url: string }>(
    await host.ask('POST', `${API}/users/houses/${houseId}/calendar-export`, { json: {} }),
  )
  const exportName = exportUrl.slice(exportUrl.lastIndexOf('/') + 1)
  const importUrl = `https://calendar.invalid/secret-of-${names.host}.ics`
  const imported = await world.database.query<{ id: string }>(
    `insert into calendar_imports (house_id, name, url, created_at, next_sync_at)
     values ($1, '别处', $2, $3::timestamptz, $3::timestamptz + interval '1 year') returning id`,
    [houseId, importUrl, world.now()],
  )
  const asked = dataOf<{ sms_request_id: string }>(await askCode(guest, SECRET, guest.phone, 'step_up'))
  const { guest: guestName, host: hostName } = names
  secrets.push(
    { what: 'a message', text: line, readers: [guestName, hostName] },
    { what: 'a draft', text: title, readers: [hostName] },
    { what: 'the address of an export', text: exportName, readers: [hostName] },
    { what: 'the address of an import', text: importUrl, readers: [hostName] },
  )
  return {
    houseId,
    orderId,
    stayId,
    guestId: guest.id,
    draftId,
    photo,
    reviewPhoto,
    importId: Number(imported.rows[0]?.id),
    exportName,
    smsRequest: asked.sms_request_id,
  }
}

/** Phone, real name and ID number of everybody; the last two are shown to nobody, their owner included. */
function ownSecrets(customers: Customers): Secret[] {
  return COUPLES.flatMap(({ guest, host }) => [guest, host]).flatMap((name) => [
    { what: 'a phone', text: customers[name].phone, readers: [name], shownBy: ['revealToDesk'] },
    { what: 'an ID number', text: ID_CARDS[name], readers: [] },
    { what: 'a real name', text: REAL_NAMES[name], readers: [] },
  ])
}
