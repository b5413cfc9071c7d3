import type { Goal } from '../goal.ts'
import { EDGES } from '../simulation/edges.ts'
import { liveOnPostgresql } from '../simulation/on-postgresql.ts'
import { planOf } from '../simulation/plan.ts'
import { eventLines, shrink } from '../simulation/shrink.ts'
import { simulate } from '../simulation/simulate.ts'

const SIZES = { small: { seeds: 1_000, onPostgresql: 10 }, full: { seeds: 10_000, onPostgresql: 300 } }
/** How many lives are lived twice, to see that the same seed is the same life. */
const EVERY_TWICE = 20
/** How many broken lives are told of; shortening one takes as long as hundreds of lives. */
const MOST_TOLD = 3

/** G04: thirty days from each seed, by the rules of core alone, with a gateway that fails; then some on PostgreSQL. */
export const g04: Goal = {
  id: 'G04',
  title: 'Simulation',
  release: 2,
  needsShop: false,
  async prove({ seed, size, say }) {
    const { seeds, onPostgresql } = SIZES[size]
    const edges = new Map<string, number>()
    const broken: string[] = []
    let violations = 0
    let otherTraces = 0
    let instants = 0
    for (let life = seed; life < seed + seeds; life += 1) {
      const lived = await simulate(planOf(life))
      instants += lived.instants.length
      for (const [edge, count] of lived.edges) edges.set(edge, (edges.get(edge) ?? 0) + count)
      if (life % EVERY_TWICE === 0 && (await simulate(planOf(life))).hash !== lived.hash) {
        otherTraces += 1
        broken.push(`G04 seed ${life} lived twice is not the same life`)
      }
      if (lived.violation) {
        violations += 1
        if (violations <= MOST_TOLD) broken.push(...(await accountOf(life, lived.violation.id)))
      }
      if ((life - seed) % 1_000 === 999) say(`${life - seed + 1} of ${seeds} lives`)
    }
    const table = EDGES.map((edge) => `${edge} ${edges.get(edge) ?? 0}`)
    for (let at = 0; at < table.length; at += 8) say(table.slice(at, at + 8).join('  '))
    const missed = EDGES.filter((edge) => !edges.has(edge))
    if (missed.length > 0) broken.push(`G04 never met: ${missed.join(' ')}`)
    const real = await liveOnPostgresql(
      Array.from({ length: onPostgresql }, (_, index) => seed + index),
      say,
    )
    broken.push(...real.broken)
    return {
      counts: {
        seeds,
        days: 30,
        instants,
        edges: EDGES.length - missed.length,
        other_traces: otherTraces,
        on_postgresql: onPostgresql,
        orders_on_postgresql: real.orders,
        other_outcomes: real.broken.length,
        violations,
      },
      broken,
    }
  },
}

/** The invariant, the seed and the shortest list of events that breaks it. */
async function accountOf(seed: number, id: string): Promise<string[]> {
  const breaks = async (plan: ReturnType<typeof planOf>) => (await simulate(plan)).violation?.id === id
  const shortest = await shrink(planOf(seed), breaks)
  const { violation } = await simulate(shortest)
  return [`${id} seed ${seed}: ${violation?.what}, after`, ...eventLines(shortest).map((line) => `  ${line}`)]
}
