import type { World } from '@ihome/e2e/world'
import { type Answer, API, type Asker, dataOf } from '../asker.ts'
import { holesIn, MATRIX, type Route, type Row, routesOf, type Things } from '../authorization/matrix.ts'
import { MISSING, type PersonName, type Stage, setStage } from '../authorization/stage.ts'
import { COUPLES, ROLES, type Role, startWatchedWorld } from '../cast.ts'
import type { Goal } from '../goal.ts'

interface Cell {
  readonly route: Route
  readonly row: Row
  readonly who: PersonName
  readonly things: Things
  readonly standing: 'own' | 'foreign' | 'missing' | 'mixed'
}

interface Tally {
  cells: number
  leaks: string[]
  /** Not a leak, yet the proof would be worth nothing with it: an owner who is kept out, a request that is not looked at. */
  odd: string[]
}

/** G33: nobody gets at what is not theirs, by any route; owners do, so that the refusals mean something. */
export const g33: Goal = {
  id: 'G33',
  title: 'Authorization matrix',
  release: 1,
  needsShop: true,
  async prove({ say }) {
    const { world } = await startWatchedWorld()
    try {
      const stage = await setStage(world)
      const document = await stage.people.anonymous.ask('GET', '/api/openapi.json')
      const routes = routesOf(JSON.parse(document.text) as Parameters<typeof routesOf>[0])
      const tally: Tally = { cells: 0, leaks: [], odd: holesIn(routes) }
      const known = routes.filter(({ operationId, isPage }) => !isPage && operationId in MATRIX)
      const inOrder = Object.keys(MATRIX).flatMap((id) => known.filter(({ operationId }) => operationId === id))
      await settle(world)
      say(`${routes.length} routes; first everybody who must be kept out`)
      for (const route of inOrder) await keepOut(world, stage, route, tally)
      await checkPages(stage, tally)
      await checkForeignDraft(stage, tally)
      say('then everybody who may')
      for (const route of inOrder) await letIn(stage, route, tally)
      const { cells, leaks, odd } = tally
      return {
        counts: { routes: routes.length, cells, leaks: leaks.length, odd: odd.length },
        broken: [...leaks, ...odd],
      }
    } finally {
      await world.stop()
    }
  },
}

const rowOf = ({ operationId }: Route): Row => MATRIX[operationId] ?? { may: 'anyone' }
const isRole = (who: PersonName): who is Role => ROLES.some((role) => role === who)

function mayCall({ may }: Row, who: PersonName): boolean {
  if (may === 'anyone') return true
  if (may !== 'people') return isRole(who) && may.includes(who)
  return who !== 'anonymous' && who !== 'disabled' && !isRole(who)
}

/** Whether what the couple owns belongs to this person, as the row sees it. */
function owns({ of }: Row, who: PersonName, couple: number): boolean {
  if (of === undefined) return true
  const { guest, host } = COUPLES[couple] ?? COUPLES[0]
  return (who === guest && of !== 'host') || (who === host && of !== 'guest')
}

/** Every cell of a route: each person with the things of each couple, with nobody's, and with a mixture. */
function cellsOf({ people, owned }: Stage, route: Route): Cell[] {
  const row = rowOf(route)
  const names = Object.keys(people) as PersonName[]
  return names.flatMap((who) => {
    if (!row.params && !row.of) return [{ route, row, who, things: owned[0] ?? MISSING, standing: 'own' }]
    const cells: Cell[] = owned.map((things, couple) => ({
      route,
      row,
      who,
      things,
      standing: owns(row, who, couple) ? 'own' : 'foreign',
    }))
    const mine = owned.findIndex((_, couple) => owns(row, who, couple))
    if (row.part !== undefined && mine >= 0) {
      cells.push({ route, row, who, things: mixed(owned, mine), standing: 'mixed' })
    }
    return [...cells, { route, row, who, things: MISSING, standing: 'missing' }]
  })
}

/** The things of one couple with the parts of another's. */
const mixed = (owned: readonly Things[], mine: number): Things => {
  const own = owned[mine] ?? MISSING
  const { photo, reviewPhoto, importId } = owned[1 - mine] ?? MISSING
  return { ...own, photo, reviewPhoto, importId }
}

async function askFor(people: Stage['people'], { route, row, who, things }: Cell): Promise<Answer> {
  const params = row.params?.(things) ?? {}
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? 'none'))
  return people[who].ask(route.method, path + (row.query ?? ''), (await row.wish?.(things)) ?? {})
}

const nameOf = ({ route, who, standing }: Cell) => `${route.operationId} by ${who}, ${standing}`
const wordOf = ({ status, problem }: Answer) => `${status} ${problem ?? ''}`.trim()

/** Everything that must be refused, and what is nobody's: no answer tells anything, and nothing has changed after all. */
async function keepOut(world: World, stage: Stage, route: Route, tally: Tally): Promise<void> {
  const cells = cellsOf(stage, route).filter(
    ({ row, who, standing }) => !mayCall(row, who) || standing === 'foreign' || standing === 'mixed',
  )
  const before = await fingerprints(world)
  for (const cell of cells) {
    const { row, who } = cell
    const answer = await askFor(stage.people, cell)
    tally.cells += 1
    lookForSecrets(stage, cell, answer, tally)
    if (!mayCall(row, who)) {
      const expected = isRole(who) && row.may !== 'people' ? '403 role_refused' : '401 sign_in_needed'
      if (wordOf(answer) !== expected) tally.leaks.push(`G33 ${nameOf(cell)}: ${wordOf(answer)}, not ${expected}`)
    } else if (!row.answersAll && !(await isRefused(stage, cell, answer))) {
      tally.leaks.push(`G33 ${nameOf(cell)}: ${wordOf(answer)}`)
    }
  }
  if (rowOf(route).may === 'anyone') return
  for (const table of changedTables(before, await fingerprints(world))) {
    tally.leaks.push(`G33 ${route.operationId}: a refused request changed ${table}`)
  }
}

/** A refusal by who one is, or the answer that something missing gets. */
async function isRefused(stage: Stage, cell: Cell, answer: Answer): Promise<boolean> {
  if ([401, 403, 404].includes(answer.status)) return answer.problem !== 'csrf_invalid' || isShutOut(cell.who)
  if (answer.status === 400 || (answer.status < 400 && !deletes(cell))) return false
  const { photo, reviewPhoto, importId } = MISSING
  const things = cell.standing === 'mixed' ? { ...cell.things, photo, reviewPhoto, importId } : MISSING
  return wordOf(await askFor(stage.people, { ...cell, things })) === wordOf(answer)
}

/** What is not there, or not theirs, is gone for whoever deletes it; that nothing changed is looked at anyhow. */
const deletes = ({ route }: Cell): boolean => route.method === 'DELETE'

/** Whose session is dead: without a live one there is no token either. */
const isShutOut = (who: PersonName) => who === 'disabled' || isRole(who)

/** Everybody who may: is not refused for who they are, and gets another answer than for what is missing. */
async function letIn(stage: Stage, route: Route, tally: Tally): Promise<void> {
  const missing = new Map<PersonName, string>()
  // What an owner has ended says no to the other one.
  const reached = new Set<Things>()
  for (const cell of cellsOf(stage, route).reverse()) {
    const { row, who, things, standing } = cell
    if (!mayCall(row, who) || standing === 'foreign' || standing === 'mixed') continue
    // Shut out, or without a token of a person: nothing is promised to them beyond reading.
    if (row.may === 'anyone' && isShutOut(who) && route.method !== 'GET') continue
    const answer = await askFor(stage.people, cell)
    tally.cells += 1
    if (answer.status < 300) reached.add(things)
    lookForSecrets(stage, cell, answer, tally)
    if (standing === 'missing') {
      missing.set(who, wordOf(answer))
      if (row.of !== undefined && answer.status < 400 && !deletes(cell))
        tally.odd.push(`G33 ${nameOf(cell)}: ${wordOf(answer)}`)
    } else if (isKeptOut(cell, answer) || (!reached.has(things) && isLikeMissing(cell, answer, missing))) {
      tally.odd.push(`G33 ${nameOf(cell)} is kept out: ${wordOf(answer)}`)
    }
  }
}

const isLikeMissing = (cell: Cell, answer: Answer, missing: ReadonlyMap<PersonName, string>): boolean =>
  cell.row.of !== undefined && !cell.row.oneRefusal && !deletes(cell) && wordOf(answer) === missing.get(cell.who)

const KEPT_OUT = ['sign_in_needed', 'role_refused', 'not_house_owner', 'not_verified', 'csrf_invalid']

function isKeptOut({ row, standing }: Cell, { status, problem = '' }: Answer): boolean {
  if (status >= 500) return true
  // A thing of one's own must be reached: a body that is refused before would hide whether it is looked at.
  return KEPT_OUT.includes(problem) || (row.of !== undefined && standing === 'own' && [400, 404, 422].includes(status))
}

function lookForSecrets({ secrets }: Stage, cell: Cell, { text, headers }: Answer, tally: Tally): void {
  const { who, route, row } = cell
  const said = `${text}\n${headers.get('location') ?? ''}`
  for (const secret of secrets) {
    if (!said.includes(secret.text) || secret.readers.includes(who)) continue
    if (mayCall(row, who) && secret.shownBy?.includes(route.operationId)) continue
    tally.leaks.push(`G33 ${nameOf(cell)} shows ${secret.what} of somebody else`)
  }
}

/** Tables in which a request that is refused may leave a trace: who was seen when, and what was counted. */
const TRACES = ['sessions', 'operator_sessions', 'rate_counters', 'outbox', 'captchas']

async function fingerprints({ database }: World): Promise<Map<string, string>> {
  const { rows: tables } = await database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> all ($1) order by tablename`,
    [TRACES],
  )
  const { rows } = await database.query<{ name: string; print: string }>(
    tables
      .map(
        ({ name }) => `select '${name}' as name, md5(coalesce(string_agg(t::text, '' order by t::text), '')) as print
                          from "${name}" t`,
      )
      .join(' union all '),
  )
  return new Map(rows.map(({ name, print }) => [name, print]))
}

const changedTables = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
  [...after].filter(([name, print]) => before.get(name) !== print).map(([name]) => name)

/** Waits until the jobs have nothing left to do with what the stage brought about. */
async function settle(world: World): Promise<void> {
  for (let calm = 0, last = ''; calm < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const now = [...(await fingerprints(world)).values()].join()
    calm = now === last ? calm + 1 : 0
    last = now
  }
}

const PAGES = (things: Things) => [
  '/',
  '/search',
  '/favourites',
  '/messages',
  '/orders',
  '/host-orders',
  '/my',
  '/profile',
  '/auth',
  '/my-houses',
  '/earnings',
  '/new-house',
  '/operator/orders',
  '/operator/users',
  `/detail/${things.houseId}`,
  `/detail/${things.houseId}/reviews`,
  `/booking/${things.houseId}`,
  `/messages/${things.orderId}`,
  `/orders/${things.orderId}`,
  `/my-houses/${things.houseId}`,
  `/my-houses/${things.houseId}/calendar`,
  `/operator/orders/${things.orderId}`,
  `/operator/users/${things.guestId}`,
]

/** Pages are drawn as the person who asks, so nothing of others may stand in them. */
async function checkPages(stage: Stage, tally: Tally): Promise<void> {
  for (const [who, asker] of Object.entries(stage.people) as [PersonName, Asker][]) {
    const paths = new Set([...stage.owned, MISSING].flatMap(PAGES))
    for (const path of paths) {
      const answer = await asker.ask('GET', path)
      tally.cells += 1
      const route = { method: 'GET', path, operationId: path, isPage: true }
      const cell: Cell = { route, row: { may: 'anyone' }, who, things: MISSING, standing: 'foreign' }
      lookForSecrets(stage, cell, answer, tally)
      if (answer.status >= 500) tally.odd.push(`G33 ${path} by ${who}: ${answer.status}`)
    }
  }
}

/** Publishing a house of one's own with the draft of a stranger leaves the draft where it is. */
async function checkForeignDraft({ people, owned: [theirs] }: Stage, tally: Tally): Promise<void> {
  const wish = await MATRIX.publishHouse?.wish?.(theirs ?? MISSING)
  const json = { ...(wish?.json as object), draft_id: theirs?.draftId }
  dataOf(await people.hostY.ask('POST', `${API}/house/info`, { ...wish, json }))
  const kept = await people.hostX.ask('GET', `${API}/users/house-drafts/${theirs?.draftId}`)
  tally.cells += 1
  if (kept.status !== 200) tally.leaks.push('G33 publishHouse by hostY took the draft of hostX')
}
