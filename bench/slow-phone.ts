import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync } from 'node:zlib'
import { openBrowser, PHONE } from '@ihome/e2e/phone'
import type { Browser, CDPSession } from 'playwright-core'
import { type Figure, median } from './figure.ts'

const RUNS = 5
/** "Slow 4G" as browsers' own tools apply it: 562.5 ms per request, 1.47 Mbit/s down. */
const SLOW_4G = {
  offline: false,
  latency: 562.5,
  downloadThroughput: (1_474.56 * 1024) / 8,
  uploadThroughput: (675 * 1024) / 8,
}
const CPU_SLOWER = 4
/** Nothing of ours paints later than this. */
const SETTLED_MS = 3_500

interface Visit {
  readonly fcp: number
  readonly lcp: number
  readonly cls: number
  readonly tbt: number
}

/**
 * The home page on a slow phone, with nothing in its cache. Beside it, in turns, its floor: the same HTML without
 * scripts from a server that does nothing else, which no page with that content can beat. Milliseconds differ from
 * machine to machine, the ratio to the floor hardly does.
 */
export async function benchSlowPhone(origin: string): Promise<Figure[]> {
  const floor = await startFloor(origin)
  const browser = await openBrowser()
  try {
    const ours: Visit[] = []
    const least: Visit[] = []
    for (let run = 0; run < RUNS; run += 1) {
      least.push(await visit(browser, `${floor.origin}/`))
      ours.push(await visit(browser, `${origin}/`))
    }
    const of = (visits: readonly Visit[], name: keyof Visit) => median(visits.map((seen) => seen[name]))
    const paint = (name: 'fcp' | 'lcp', title: string, mostMs: number): Figure => ({
      name: `${title}, home page, slow phone`,
      unit: 'ms',
      ours: of(ours, name),
      limit: { name: 'same HTML without scripts', value: of(least, name), share: of(ours, name) / of(least, name) },
      aim: `≤ ${mostMs}`,
      reached: of(ours, name) <= mostMs,
    })
    const most = (name: 'tbt' | 'cls', title: string, unit: string, limit: number): Figure => ({
      name: `${title}, home page, slow phone`,
      unit,
      ours: of(ours, name),
      aim: `≤ ${limit}`,
      reached: of(ours, name) <= limit,
    })
    return [
      paint('fcp', 'first paint', 1_300),
      paint('lcp', 'largest paint', 2_000),
      most('tbt', 'blocked time', 'ms', 300),
      most('cls', 'layout shift', '', 0.02),
    ]
  } finally {
    await browser.close()
    await floor.stop()
  }
}

async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext(PHONE)
  const page = await context.newPage()
  await slowDown(await context.newCDPSession(page))
  // The TypeScript runner names functions by a helper that pages do not have.
  await page.addInitScript('globalThis.__name = (named) => named')
  await page.addInitScript(watchPage)
  await page.goto(url, { waitUntil: 'load', timeout: 120_000 })
  await page.waitForTimeout(SETTLED_MS)
  const seen = await page.evaluate(readPage)
  await context.close()
  return seen
}

async function slowDown(cdp: CDPSession): Promise<void> {
  await cdp.send('Network.enable')
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
  await cdp.send('Network.emulateNetworkConditions', SLOW_4G)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWER })
}

interface Watched {
  readonly long: [start: number, duration: number][]
  largest: number
  shift: number
}
declare global {
  var slowPhone: Watched
}

/** Runs in the page, before anything else. */
function watchPage(): void {
  const seen: Watched = { long: [], largest: 0, shift: 0 }
  globalThis.slowPhone = seen
  const watch = (type: string, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true })
  watch('longtask', ({ startTime, duration }) => seen.long.push([startTime, duration]))
  watch('largest-contentful-paint', ({ startTime }) => {
    seen.largest = startTime
  })
  watch('layout-shift', (entry) => {
    const shift = entry as PerformanceEntry & { readonly hadRecentInput: boolean; readonly value: number }
    if (!shift.hadRecentInput) seen.shift += shift.value
  })
}

/** Runs in the page, after it has settled. */
function readPage(): Visit {
  const { long, largest, shift } = globalThis.slowPhone
  const fcp = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN
  if (largest === 0) throw new Error('the page has painted nothing large')
  const after = long.filter(([start, duration]) => start + duration > fcp)
  const tbt = after.reduce((sum, [, duration]) => sum + Math.max(0, duration - 50), 0)
  return { fcp, lcp: largest, cls: shift, tbt }
}

interface Kept {
  readonly status: number
  readonly headers: http.OutgoingHttpHeaders
  readonly body: Buffer
}

/** Serves the home page without its scripts; pictures come from the shop once and then from memory. */
async function startFloor(origin: string): Promise<{ origin: string; stop(): Promise<void> }> {
  const kept = new Map<string, Kept>()
  const server = http.createServer(async (request, response) => {
    const path = request.url ?? '/'
    const answer = kept.get(path) ?? (await fetchFor(origin, path, request.headers.accept))
    kept.set(path, answer)
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** As the shop answers, packed as it packs, so that only the scripts make the difference. */
async function fetchFor(origin: string, path: string, accept = '*/*'): Promise<Kept> {
  const answer = await fetch(origin + path, { headers: { accept } })
  const body = Buffer.from(await answer.arrayBuffer())
  const type = answer.headers.get('content-type') ?? ''
  if (!type.startsWith('text/html')) return { status: answer.status, headers: { 'content-type': type }, body }
  const html = body
    .toString('utf8')
    .replaceAll(/<script type="module"[^>]*><\/script>/g, '')
    .replaceAll(/<link rel="modulepreload"[^>]*>/g, '')
  return {
    status: answer.status,
    headers: { 'content-type': type, 'content-encoding': 'br' },
    body: brotliCompressSync(Buffer.from(html)),
  }
}
