import type { Plan } from './world.ts'

/**
 * The shortest list of events that still breaks the same law, as far as leaving out runs of events finds it: halves
 * first, single ones last.
 */
export async function shrink(plan: Plan, stillBreaks: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let best = plan
  for (let size = Math.ceil(plan.events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.events.length; ) {
      const events = [...best.events.slice(0, at), ...best.events.slice(at + size)]
      const shorter = { ...best, events }
      if (events.length > 0 && (await stillBreaks(shorter))) best = shorter
      else at += size
    }
  }
  return best
}

/** One line per event, for whoever reads what went wrong. */
export const eventLines = ({ events }: Plan): string[] =>
  events.map(({ at, order, deed }) => `${new Date(at).toISOString()} order ${order} ${JSON.stringify(deed)}`)
