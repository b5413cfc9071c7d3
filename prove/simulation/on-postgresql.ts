import { brokenInvariants } from '../books.ts'
import { openBed } from '../order-of-events/bed.ts'
import { FaultyGateway } from './faulty-gateway.ts'
import { Life } from './life.ts'
import { modelOutcomes, realOutcomes } from './outcomes.ts'
import { planOf, withoutPayouts } from './plan.ts'
import { providerOver } from './real-gateway.ts'
import { addOperator, type RealShop, realShop, work } from './real-shop.ts'
import { type Simulated, simulate } from './simulate.ts'
import type { Clock } from './world.ts'

export interface Lived {
  readonly orders: number
  readonly broken: readonly string[]
}

interface Twin {
  readonly seed: number
  readonly model: Simulated
  readonly gateway: FaultyGateway
  readonly shop: RealShop
  readonly life: Life
}

/**
 * Lives the same plans with the real use cases on one PostgreSQL, all of them at once, at the instants of the model;
 * gives what ended otherwise than there, and which invariants are broken.
 */
export async function liveOnPostgresql(seeds: readonly number[], say: (line: string) => void): Promise<Lived> {
  const bed = await openBed()
  try {
    const clock: Clock = { at: 0 }
    const twins: Twin[] = []
    const knowing = (outTradeNo: string): FaultyGateway => {
      const found = twins.find(({ gateway }) => gateway.pages.has(outTradeNo) || gateway.trades.has(outTradeNo))
      if (!found) throw new Error(`no gateway knows ${outTradeNo}`)
      return found.gateway
    }
    const { config } = bed.needs
    const needs = {
      ...bed.needs,
      provider: providerOver(knowing),
      clock: { now: () => new Date(clock.at) },
      // The plans have one operator, who gives everything back alone; that a second one is asked has tests of its own.
      config: { ...config, limits: { ...config.limits, refundApprovalFen: Number.MAX_SAFE_INTEGER } },
    }
    const operatorId = await addOperator(bed)
    for (const seed of seeds) {
      const plan = withoutPayouts(planOf(seed))
      const model = await simulate(plan)
      const gateway = new FaultyGateway(clock, seed, () => undefined)
      const shop = await realShop(needs, plan, operatorId)
      twins.push({ seed, model, gateway, shop, life: new Life(plan, clock, gateway, shop) })
    }
    const instants = [...new Set(twins.flatMap(({ model }) => model.instants))].sort((one, other) => one - other)
    for (const [count, at] of instants.entries()) {
      clock.at = at
      do {
        for (const { life } of twins) if (life.nextAt() <= at) await life.happen()
        await work(needs)
      } while (twins.some(({ life }) => life.nextAt() <= at))
      if (count % 1_000 === 999) say(`${count + 1} of ${instants.length} instants on PostgreSQL`)
    }
    const broken = await differences(twins, await realOutcomes(bed))
    // Refunds that need a person are owed at the end; the model's laws at rest have looked at them.
    broken.push(...(await brokenInvariants(bed, { except: ['L7'] })))
    return { orders: twins.reduce((sum, { shop }) => sum + shop.orders.size, 0), broken }
  } finally {
    await bed.stop()
  }
}

async function differences(twins: readonly Twin[], real: ReadonlyMap<number, string>): Promise<string[]> {
  return twins.flatMap(({ seed, model, shop }) => {
    const expected = modelOutcomes(model.shop.state)
    const keys = [...new Set([...expected.keys(), ...shop.orders.keys()])]
    return keys.flatMap((key) => {
      const found = real.get(shop.orders.get(key) ?? 0)
      const wanted = expected.get(key)
      return found === wanted
        ? []
        : [`G04 seed ${seed} order ${key}: ${found ?? 'none'}, but by the rules ${wanted ?? 'none'}`]
    })
  })
}
