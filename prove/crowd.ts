import { DEMO_PASSWORD } from '@ihome/e2e/demo'
import type { Visitor } from '@ihome/e2e/visitor'
import type { World } from '@ihome/e2e/world'

/** What lifts the limits that protect one person's shop from exactly what a proof does to it. */
export const UNLIMITED = {
  OPEN_ORDERS_PER_GUEST: '100000',
  LOGIN_FAILURES_PER_ADDRESS: '100000',
}

/** Signs people in, a few at a time, spread over the instances. */
export async function signInAll(world: World, phones: readonly string[]): Promise<Visitor[]> {
  return inParallel(phones, 4, async (phone, index) => {
    const person = world.visitor(index % world.servers.length)
    await person.signIn(phone, DEMO_PASSWORD)
    return person
  })
}

/** Runs `work` for every item, `width` at a time; the results stand in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let taken = 0
  const worker = async () => {
    while (taken < items.length) {
      const index = taken
      taken += 1
      const item = items[index]
      if (item !== undefined) results[index] = await work(item, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  return results
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
