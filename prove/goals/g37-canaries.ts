import { randomUUID } from 'node:crypto'
import { checkCharacterOf } from '@ihome/core/identity/id-card'
import type { World } from '@ihome/e2e/world'
import { freePort } from '@ihome/server/platform/embedded-postgres'
import { type Answer, API, type Asker, dataOf, newAsker } from '../asker.ts'
import { addCustomers, placeOrder, SECRET, startWatchedWorld } from '../cast.ts'
import type { Goal } from '../goal.ts'
import { untilTrue } from '../order-flow.ts'
import { askCode, type SmsService } from '../sms-service.ts'

const PHONE = '18612345678'
const PASSWORD = 'canary password 7391'
const ID_CARD = `11010119880808123${checkCharacterOf('11010119880808123')}`

/** G37: what must stay secret is given to the shop in every way there is, and then looked for wherever it may not be. */
export const g37: Goal = {
  id: 'G37',
  title: 'Canaries',
  release: 2,
  needsShop: true,
  async prove() {
    const metricsPort = await freePort()
    const env = { LOG_LEVEL: 'trace', METRICS_PORT: String(metricsPort) }
    const { world, sms } = await startWatchedWorld({ env })
    try {
      const { canaries, refusals, addresses } = await live(world, sms)
      const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
      const places = {
        logs: world.servers.map((server) => server.output()).join('\n'),
        metrics,
        error_bodies: refusals.map(({ text }) => text).join('\n'),
        urls: addresses.join('\n'),
      }
      const broken: string[] = []
      for (const [place, text] of Object.entries(places)) {
        if (text.length === 0) broken.push(`S10 there is nothing to look through in ${place}`)
        for (const [name, canary] of Object.entries(canaries)) {
          if (text.includes(canary)) broken.push(`S10 ${name} stands in ${place}`)
        }
      }
      const { tables, found } = await lookThroughTables(world)
      broken.push(...found)
      return {
        counts: {
          canaries: Object.keys(canaries).length,
          log_bytes: places.logs.length,
          metrics_bytes: metrics.length,
          refusals: refusals.length,
          tables,
          found: broken.length,
        },
        broken,
      }
    } finally {
      await world.stop()
    }
  },
}

/** A person's whole life with the canaries, mistakes included. */
async function live(world: World, sms: SmsService) {
  const { houses } = await addCustomers(world)
  const asker = newAsker(() => world.origin)
  const refusals: Answer[] = []
  const addresses: string[] = []
  const send = async (method: string, path: string, json?: unknown, headers = {}): Promise<Answer> => {
    const answer = await asker.ask(method, path, json === undefined ? { headers } : { json, headers })
    if (answer.status >= 400) refusals.push(answer)
    addresses.push(answer.headers.get('location') ?? '', answer.headers.get('content-location') ?? '')
    return answer
  }
  await send('GET', `${API}/csrf`)
  const code = await codeFor(asker, sms)
  const password = { password: PASSWORD, password2: PASSWORD }
  const who = { mobile: PHONE, sms_code: code }
  await send('POST', `${API}/users`, { ...who, ...password, password2: `${PASSWORD}!` })
  dataOf(await send('POST', `${API}/users`, { ...who, ...password }))
  // Until then the name is the phone, which stands on one's own pages.
  dataOf(await send('POST', `${API}/users/name`, { name: '金丝雀' }))
  // Once more with a code that is used up, with a body of the wrong shape, and with one that is no JSON at all.
  await send('POST', `${API}/users`, { ...who, ...password })
  await send('POST', `${API}/users`, { ...who, password: PASSWORD, password2: { text: PASSWORD } })
  await broken(asker, refusals, `{"mobile":"${PHONE}","password":"${PASSWORD}`)
  await send('POST', `${API}/sessions`, { mobile: PHONE, password: `${PASSWORD} wrong` })
  const real = { real_name: '令狐金丝', id_card: ID_CARD, consent: true }
  await send('POST', `${API}/users/auth`, { ...real, consent: false })
  await send('POST', `${API}/users/auth`, { ...real, real_name: '' })
  dataOf(await send('POST', `${API}/users/auth`, real))
  await send('POST', `${API}/users/auth`, real)
  dataOf(await send('POST', `${API}/session/step-up`, { password: PASSWORD }))
  await send('POST', `${API}/users/password`, { password: PASSWORD, password2: 'another' })
  for (const path of ['/my', '/profile', '/auth', '/users/none', '/operator/users']) await send('GET', path)
  const orderId = await placeOrder(world, asker, houses[0], 5)
  await send('GET', `/orders/${orderId}`)
  await send('POST', `${API}/orders/${orderId}/payment`, {}, { 'idempotency-key': randomUUID() })
  const session = asker.cookies.get('ihome_session') ?? ''
  if (session === '') throw new Error('there is no session to look for')
  const key = world.sandbox.merchant.appPrivateKey.replace(/-----[^-]+-----|\s/g, '').slice(200, 260)
  const canaries = {
    id_number: ID_CARD,
    phone: PHONE,
    password: PASSWORD,
    // The digits alone are too common in numbers and times.
    sms_code: `"${code}"`,
    session,
    private_key: key,
    session_secret: SECRET,
  }
  return { canaries, refusals, addresses }
}

async function codeFor(asker: Asker, sms: SmsService): Promise<string> {
  dataOf(await askCode(asker, SECRET, PHONE, 'register'))
  const message = () => sms.taken.find(({ phone }) => phone === PHONE)
  if (!(await untilTrue(async () => message() !== undefined, 20_000))) throw new Error('the code does not arrive')
  return message()?.params[0] ?? ''
}

async function broken(asker: Asker, refusals: Answer[], body: string): Promise<void> {
  const answer = await asker.ask('POST', `${API}/users`, {
    form: body,
    headers: { 'content-type': 'application/json' },
  })
  if (answer.status !== 400) throw new Error(`half a body was answered with ${answer.status}`)
  refusals.push(answer)
}

/** Every row of every table as text, as a dump would write it: the number in none, in no spelling. */
async function lookThroughTables({ database }: World): Promise<{ readonly tables: number; readonly found: string[] }> {
  const { rows: tables } = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const bytes = Buffer.from(ID_CARD)
  const spellings = [ID_CARD, bytes.toString('hex'), bytes.toString('base64'), Buffer.from(PASSWORD).toString('hex')]
  const found: string[] = []
  for (const { name } of tables) {
    for (const spelling of [...spellings, PASSWORD]) {
      const { rows } = await database.query<{ hits: string }>(
        `select count(*) as hits from ${name} as t where strpos(t::text, $1) > 0`,
        [spelling],
      )
      if (rows[0]?.hits !== '0') found.push(`S9 ${name} holds the ID number or the password`)
    }
  }
  const { rows } = await database.query<{ given: string }>(
    'select count(*) as given from users where phone = $1 and id_card_sealed is not null',
    [PHONE],
  )
  if (rows[0]?.given !== '1') found.push('S9 the ID number was never given')
  return { tables: tables.length, found }
}
