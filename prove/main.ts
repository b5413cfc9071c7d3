// Proves goals of correctness: `npm run prove -- G01 G07 --size full --seed 7`, or `--release 1` for all of the first
// release, `--ci` for all. The last line of each goal is `G01 PASS seed=7 …`, `G01 FAIL …` or `G01 NOTRUN reason=…`;
// exit 0, 1 or 2.
import { build } from '../scripts/build.mjs'
import { type Goal, NotRun } from './goal.ts'
import { GOALS } from './goals.ts'
import { randomFrom } from './random.ts'
import { readWish, usageOf } from './wish.ts'

const PASS = 0
const FAIL = 1
const NOTRUN = 2

const wish = readWish(process.argv.slice(2), GOALS)
if (!wish) {
  process.stdout.write(`${usageOf(GOALS)}\n`)
  process.exit(NOTRUN)
}
const { ids, seed, size } = wish
if (GOALS.some(({ id, needsShop }) => needsShop && ids.includes(id))) build()
let worst = PASS
for (const id of ids) worst = Math.max(worst, await prove(id))
process.exit(worst)

async function prove(id: string): Promise<number> {
  const goal = GOALS.find((candidate) => candidate.id === id)
  if (!goal) return report(`${id} NOTRUN reason=unknown_goal`, NOTRUN)
  const say = (line: string) => process.stdout.write(`  ${line}\n`)
  process.stdout.write(`${goal.id} ${goal.title} (seed ${seed}, ${size})\n`)
  try {
    return await run(goal, say)
  } catch (error) {
    if (error instanceof NotRun) return report(`${goal.id} NOTRUN reason=${error.message}`, NOTRUN)
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return report(`${goal.id} FAIL seed=${seed} reason=crashed`, FAIL)
  }
}

async function run(goal: Goal, say: (line: string) => void): Promise<number> {
  const begun = performance.now()
  const { counts, broken } = await goal.prove({ seed, size, random: randomFrom(seed), say })
  for (const line of broken.slice(0, 20)) say(line)
  const figures = Object.entries(counts).map(([name, value]) => `${name}=${value}`)
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
  const passed = broken.length === 0
  const verdict = `${goal.id} ${passed ? 'PASS' : 'FAIL'} seed=${seed}`
  return report(`${verdict} ${figures.join(' ')} seconds=${seconds}`, passed ? PASS : FAIL)
}

function report(line: string, code: number): number {
  process.stdout.write(`${line}\n`)
  return code
}
