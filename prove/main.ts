// Proves goals of correctness: `npm run prove -- G01 G07 --size full --seed 7`, or `--release 1` for all of the first
// release. The last line of each goal is `G01 PASS seed=7 …`, `G01 FAIL …` or `G01 NOTRUN reason=…`; exit 0, 1 or 2.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { build } from '../scripts/build.mjs'
import { type Goal, NotRun } from './goal.ts'
import { g01 } from './goals/g01-no-double-booking.ts'
import { g02 } from './goals/g02-one-payment-one-effect.ts'
import { g05 } from './goals/g05-order-of-events.ts'
import { g07 } from './goals/g07-books.ts'
import { g08 } from './goals/g08-money-arithmetic.ts'
import { g13 } from './goals/g13-late-money.ts'
import { randomFrom } from './random.ts'

const GOALS: readonly Goal[] = [g01, g02, g05, g07, g08, g13]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    size: { type: 'string', default: 'small' },
    release: { type: 'string' },
    ci: { type: 'boolean', default: false },
  },
})

const size = values.size === 'full' ? 'full' : 'small'
const seed = values.seed === undefined ? randomInt(1, 1_000_000) : Number(values.seed)
const wanted = values.ci || values.release !== undefined ? GOALS.map(({ id }) => id) : positionals
if (wanted.length === 0 || !Number.isSafeInteger(seed)) {
  process.stdout.write(
    `usage: npm run prove -- ${GOALS.map(({ id }) => id).join(' ')} [--size small|full] [--seed N]\n`,
  )
  process.exit(2)
}

build()
let worst = 0
for (const id of wanted) worst = Math.max(worst, await prove(id))
process.exit(worst)

async function prove(id: string): Promise<number> {
  const goal = GOALS.find((candidate) => candidate.id === id)
  if (!goal) return report(`${id} NOTRUN reason=unknown_goal`, 2)
  process.stdout.write(`${goal.id} ${goal.title} (seed ${seed}, ${size})\n`)
  const begun = performance.now()
  try {
    const say = (line: string) => process.stdout.write(`  ${line}\n`)
    const { counts, broken } = await goal.prove({ seed, size, random: randomFrom(seed), say })
    for (const line of broken.slice(0, 20)) say(line)
    const figures = Object.entries(counts).map(([name, value]) => `${name}=${value}`)
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
    const verdict = broken.length === 0 ? 'PASS' : 'FAIL'
    return report(
      `${goal.id} ${verdict} seed=${seed} ${figures.join(' ')} seconds=${seconds}`,
      broken.length === 0 ? 0 : 1,
    )
  } catch (error) {
    if (error instanceof NotRun) return report(`${goal.id} NOTRUN reason=${error.message}`, 2)
    process.stdout.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return report(`${goal.id} FAIL seed=${seed} reason=crashed`, 1)
  }
}

function report(line: string, code: number): number {
  process.stdout.write(`${line}\n`)
  return code
}
