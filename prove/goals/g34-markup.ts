import { DEMO_GUEST, DEMO_HOST } from '@ihome/e2e/demo'
import { openBrowser, openPhone } from '@ihome/e2e/phone'
import type { World } from '@ihome/e2e/world'
import { PAGE_SOURCES } from '@ihome/web/page-sources'
import { zh } from '@ihome/web/text/zh'
import type { Browser, Page } from 'playwright-core'
import { type Asker, newAsker } from '../asker.ts'
import { addOperators, ROLES, signIn, startWatchedWorld } from '../cast.ts'
import type { Goal } from '../goal.ts'
import { unknownColumns } from '../markup/fields.ts'
import { PAYLOADS } from '../markup/payloads.ts'
import { addOddThings, PII_KEY, plant, type Supplies, suppliesFrom } from '../markup/plant.ts'
import { linksWith, PAGES, storedPages, type Visit, type Who } from '../markup/visits.ts'
import { strangeElements, watchMarkup } from '../markup/watch-markup.ts'

const LEAST_PAYLOADS = 200
const LEAST_SEEN = 18
/** Rounds and links of a small run; a full one goes on until every field has held every payload that fits. */
const SMALL = { rounds: 1, links: 22 }

/** Somebody with a browser: what went wrong in it is in `traces`. */
interface Reader {
  readonly page: Page
  readonly traces: string[]
}

/** G34: whatever people write, wherever it is shown, stays a text. */
export const g34: Goal = {
  id: 'G34',
  title: 'Hostile markup',
  release: 2,
  needsShop: true,
  async prove({ size, random, say }) {
    const [{ world }, browser] = await Promise.all([
      startWatchedWorld({ seed: 'demo', env: { PII_KEY } }),
      openBrowser(),
    ])
    try {
      const readers = await openReaders(world, browser)
      await addOddThings(world, DEMO_HOST)
      const pages = await storedPages(world, DEMO_GUEST, DEMO_HOST)
      const supplies = suppliesFrom(random.between(0, PAYLOADS.length - 1))
      const broken = await holes(world)
      const shown = new Set<string>()
      const links = linksWith(random.shuffle(PAYLOADS).map(({ text }) => text))
      let visits = 0
      for (let round = 0; round < (size === 'small' ? SMALL.rounds : roundsFor(supplies)); round += 1) {
        const planted = await plant(world, supplies)
        for (const [field, texts] of planted)
          if (texts.length === 0) broken.push(`G34 there is nothing to read in ${field}`)
        const read = await visit(world, readers, pages)
        visits += pages.length
        for (const [field, texts] of planted) if (texts.some((text) => read.includes(plain(text)))) shown.add(field)
        say(
          `round ${round + 1}: ${pages.length} pages; not seen yet: ${[...planted.keys()].filter((field) => !shown.has(field)).join(' ')}`,
        )
      }
      const chosen = size === 'small' ? links.slice(0, SMALL.links) : links
      await visit(world, readers, chosen)
      // Pages that show little of what was written would prove little.
      if (shown.size < LEAST_SEEN) broken.push(`G34 only ${shown.size} fields are seen on a page`)
      const found = [...readers].flatMap(([who, { traces }]) => traces.map((trace) => `G34 ${who}: ${trace}`))
      return {
        counts: {
          payloads: PAYLOADS.length,
          fields: supplies.size + 2,
          fields_seen: shown.size,
          pages: visits + chosen.length,
          traces: found.length,
        },
        broken: [...broken, ...found],
      }
    } finally {
      await browser.close()
      await world.stop()
    }
  },
}

const roundsFor = (supplies: Supplies): number =>
  Math.max(...[...supplies.values()].map(({ texts }) => texts.length)) / 4

/** What would make the proof worth less than it says. */
async function holes({ database }: World): Promise<string[]> {
  const { rows } = await database.query<{ table: string; column: string }>(
    `select c.table_name as table, c.column_name as column
       from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'character varying')
      order by 1, 2`,
  )
  const unopened = Object.keys(PAGE_SOURCES).filter((page) => !PAGES.some(({ name }) => name === page))
  return [
    ...unknownColumns(rows).map((name) => `G34 nobody has said whose words stand in ${name}`),
    ...unopened.map((page) => `G34 nobody opens the page ${page}`),
    ...(PAYLOADS.length < LEAST_PAYLOADS ? [`G34 there are ${PAYLOADS.length} payloads only`] : []),
  ]
}

async function openReaders(world: World, browser: Browser): Promise<Map<Who, Reader>> {
  const operators = await addOperators(world)
  const people: [Who, Asker][] = [
    ['visitor', newAsker(() => world.origin)],
    ...ROLES.map((role): [Who, Asker] => [role, operators[role]]),
  ]
  for (const [who, phone] of [
    ['guest', DEMO_GUEST],
    ['host', DEMO_HOST],
  ] as const) {
    const person = { ...newAsker(() => world.origin), id: 0, phone }
    await signIn(person)
    people.push([who, person])
  }
  const readers = new Map<Who, Reader>()
  for (const [who, { cookies }] of people) {
    const { context, page, faults } = await openPhone(browser, { origins: [world.origin] })
    await watchMarkup(context, faults)
    const url = world.origin
    await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url })))
    readers.set(who, { page, traces: faults })
  }
  return readers
}

/** Opens the pages, each person's one after the other; gives all that could be read on them. */
async function visit(world: World, readers: ReadonlyMap<Who, Reader>, visits: readonly Visit[]): Promise<string> {
  const texts: string[] = []
  await Promise.all(
    [...readers].map(async ([who, reader]) => {
      for (const { path } of visits.filter((one) => one.who === who))
        texts.push(await read(reader, world.origin + path))
    }),
  )
  return texts.join('\n')
}

/** White space is the browser's to fold. */
const plain = (text: string): string => text.replace(/\s+/g, '')

async function read({ page, traces }: Reader, address: string): Promise<string> {
  await page.goto(address, { waitUntil: 'load' })
  await page.waitForFunction(
    (loading) =>
      document.querySelector('h1') &&
      ![...document.querySelectorAll('[role=status]')].some((status) => status.textContent.includes(loading)),
    zh['state.loading'],
  )
  for (const strange of await strangeElements(page)) traces.push(`${strange} at ${address}`)
  const text = await page.evaluate(() => {
    const typed = [...document.querySelectorAll('input, textarea')].map((box) =>
      'value' in box ? String(box.value) : '',
    )
    return [document.title, document.getElementById('app')?.textContent, ...typed].join('\n')
  })
  return plain(text)
}
