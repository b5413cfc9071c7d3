// Measures against limits of the same run, prints a table and writes docs/performance.md:
//
//   npm run bench                  everything
//   npm run bench -- pages phone   only some parts (pages, booking, pay, phone, lighthouse, files); writes nothing
import fs from 'node:fs/promises'
import path from 'node:path'
import { dayInShanghai } from '@ihome/core/calendar'
import { startWorld, type World } from '@ihome/e2e/world'
import { build } from '../scripts/build.mjs'
import { benchBooking } from './booking.ts'
import type { Figure } from './figure.ts'
import { measureFirstLoad } from './first-load.ts'
import { benchHotPages, benchRendering } from './hot-pages.ts'
import { benchLighthouse } from './lighthouse.ts'
import { describeMachine } from './machine.ts'
import { benchPayUrl } from './pay-url.ts'
import { documentOf, lineOf } from './report.ts'
import { benchSlowPhone } from './slow-phone.ts'

const PARTS = ['pages', 'booking', 'pay', 'phone', 'lighthouse', 'files'] as const
type Part = (typeof PARTS)[number]

const words = process.argv.slice(2)
const unknown = words.filter((word) => !PARTS.some((part) => part === word))
if (unknown.length > 0) {
  process.stdout.write(`usage: npm run bench -- [${PARTS.join('] [')}]\n`)
  process.exit(2)
}
const wanted = (part: Part) => words.length === 0 || words.includes(part)
build()

const figures: Figure[] = []
const take = (...measured: Figure[]) => {
  for (const figure of measured) process.stdout.write(`${lineOf(figure)}\n`)
  figures.push(...measured)
}
const world = await startWorld({ unmoved: true })
const machine = describeMachine(await postgresVersion(world))
try {
  if (wanted('pages')) {
    take(...(await benchHotPages(world)))
    take(await benchRendering(world))
  }
  if (wanted('phone')) take(...(await benchSlowPhone(world.origin)))
  if (wanted('lighthouse')) take(...(await benchLighthouse(world)))
} finally {
  await world.stop()
}
if (wanted('booking')) take(await benchBooking())
if (wanted('pay')) take(benchPayUrl())
if (wanted('files')) take(...(await measureFirstLoad()))

if (words.length === 0) {
  const file = path.resolve(import.meta.dirname, '../docs/performance.md')
  await fs.writeFile(file, documentOf(figures, machine, dayInShanghai(new Date())))
  process.stdout.write(`written to ${path.relative(process.cwd(), file)}\n`)
}

async function postgresVersion({ database }: World): Promise<string> {
  const { rows } = await database.query<{ server_version: string }>('show server_version')
  return rows[0]?.server_version ?? 'unknown'
}
