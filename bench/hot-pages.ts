import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { join } from 'node:path'
import type { World } from '@ihome/e2e/world'
import { type Figure, median, shareOfLimit, type Turn } from './figure.ts'
import { answersPerSecond, type LoadWish, warmUp } from './load.ts'

const SECONDS = 1.2
const TURNS = 15
const PACKED = { 'accept-encoding': 'br, gzip' }

const SPREAD_THIN =
  'the bare route decides nothing and sends four headers. Ours finds the session, reads the address by its schema, ' +
  'finds the kept bytes, gives the request an id and a log, and sends eleven headers. Profiles found the options of a ' +
  "layered cache (10 % of the time), the interpretation of one parameter's schema (11 %), random bytes for the id (5 %), " +
  'writing the same JSON again (12 %), promises in hooks and a log made of closures; these are gone. What is left is ' +
  'spread thin: no function of ours takes more than 2 %, and to win more a kept answer would have to pass by the ' +
  'routing, the hooks and the log of all others.'

/** Pages and answers that are asked for again and again, against a bare Fastify route that sends the same bytes. */
export async function benchHotPages(world: World): Promise<Figure[]> {
  const houseId = await firstHouse(world)
  const cookie = await cookiesOfVisitor(world)
  return [
    await againstBare(world, 'hot home page', '/', { ...PACKED, cookie }),
    await againstBare(world, 'hot detail JSON', `/api/v1.0/house/${houseId}`, PACKED),
  ]
}

/** Home pages rendered anew for each request: a query keeps a page from being kept. */
export async function benchRendering(world: World): Promise<Figure> {
  const headers = { ...PACKED, cookie: await cookiesOfVisitor(world) }
  // Few at once: the server sheds what would only make a queue.
  const wish = { url: `${world.origin}/?f=bench`, headers, connections: 4 }
  await warmUp(wish)
  const ours: number[] = []
  for (let turn = 0; turn < TURNS; turn += 1) ours.push(await answersPerSecond({ ...wish, seconds: SECONDS }))
  return { name: 'home page rendered for each request', unit: 'pages/s', ours: median(ours), aim: '' }
}

/**
 * Both sides start anew for every turn: two processes with the same program differ by up to 40 % on one machine, by
 * where their memory happens to lie, and a single pair would mostly compare their luck.
 */
async function againstBare(world: World, name: string, path: string, headers: Record<string, string>): Promise<Figure> {
  const url = world.origin + path
  const answer = await rawAnswer(url, headers)
  const turns: Turn[] = []
  for (let turn = 0; turn < TURNS; turn += 1) {
    await world.crash()
    const bare = await startBare(answer)
    try {
      turns.push({ ours: await measured({ url, headers }), limit: await measured({ url: bare.url, headers }) })
    } finally {
      await bare.stop()
    }
  }
  const limit = `bare Fastify route, same ${answer.body.length} bytes`
  return { ...shareOfLimit(name, 'answers/s', turns, limit, 0.8), note: SPREAD_THIN }
}

async function measured(wish: Omit<LoadWish, 'seconds'>): Promise<number> {
  await warmUp(wish)
  return answersPerSecond({ ...wish, seconds: SECONDS })
}

interface RawAnswer {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** The bytes as they are sent, packed as they are. */
async function rawAnswer(url: string, headers: Record<string, string>): Promise<RawAnswer> {
  const request = http.get(url, { headers })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`)
  const { 'content-type': type, 'content-encoding': packing } = response.headers
  return {
    body: Buffer.concat(parts),
    headers: { 'content-type': type ?? '', ...(packing ? { 'content-encoding': packing } : {}) },
  }
}

async function startBare({ body, headers }: RawAnswer): Promise<{ url: string; stop(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, 'bare-server.mjs'), { execArgv: [] })
  child.send({ body: body.toString('base64'), headers })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    url: `http://127.0.0.1:${port}/`,
    async stop() {
      const exit = once(child, 'exit')
      child.kill()
      await exit
    },
  }
}

/** A browser that has been here before shows its cookies, so nobody has to make new ones. */
async function cookiesOfVisitor(world: World): Promise<string> {
  const visitor = world.visitor()
  await visitor.session.csrf()
  return [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}

async function firstHouse(world: World): Promise<number> {
  const { hlist } = await world.visitor().houses.home()
  const [house] = hlist
  if (!house) throw new Error('the home page shows no house')
  return house.house_id
}
