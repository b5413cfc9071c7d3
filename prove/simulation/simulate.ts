import { createHash } from 'node:crypto'
import { FaultyGateway } from './faulty-gateway.ts'
import { LAWS, LAWS_AT_REST, type Law, type Scene, sceneOf } from './laws.ts'
import { Life } from './life.ts'
import { type ModelShop, modelShop } from './model-shop.ts'
import { BEGINS_AT, LIFE_DAYS } from './plan.ts'
import { CORE_RULES, type Rules } from './rules.ts'
import type { Clock, Plan } from './world.ts'

export interface Violation {
  readonly id: string
  /** What it was found at. */
  readonly what: string
  readonly at: number
}

export interface Simulated {
  readonly shop: ModelShop
  readonly gateway: FaultyGateway
  /** Every instant at which something happened. */
  readonly instants: readonly number[]
  /** Of everything that happened, and of all that was known after each instant. */
  readonly hash: string
  readonly edges: ReadonlyMap<string, number>
  readonly violation: Violation | undefined
}

/** Some five times as many as a busy life has: more means that something is done over and over. */
const MOST_INSTANTS = 2_000
export const ENDS_AT = BEGINS_AT + LIFE_DAYS * 86_400_000

/** Lives one plan in memory and looks at every law after every instant. Ends with the first violation. */
export async function simulate(plan: Plan, rules: Rules = CORE_RULES): Promise<Simulated> {
  const clock: Clock = { at: BEGINS_AT }
  const edges = new Map<string, number>()
  const hit = (edge: string) => edges.set(edge, (edges.get(edge) ?? 0) + 1)
  const gateway = new FaultyGateway(clock, plan.seed, hit)
  const shop = modelShop({ clock, gateway, houses: plan.houses, rules, hit, paysOut: plan.paysOut })
  const life = new Life(plan, clock, gateway, shop)
  const trace = createHash('sha256')
  const instants: number[] = []
  let violation: Violation | undefined
  while (!violation) {
    const next = Math.min(life.nextAt(), shop.nextDue() ?? Number.POSITIVE_INFINITY)
    if (next > ENDS_AT) break
    if ((next <= clock.at && instants.length > 0) || instants.length > MOST_INSTANTS) {
      violation = { id: 'STUCK', what: 'what is due is not done', at: clock.at }
      break
    }
    clock.at = next
    instants.push(next)
    try {
      // What a refund sets off may arrive at the same instant.
      let told = ''
      do {
        told += await life.happen()
        await shop.work()
      } while (life.nextAt() <= next)
      const scene = sceneOf(shop.state, gateway)
      trace.update(`${next} ${told} ${knownText(scene)}\n`)
      violation = firstBroken(LAWS, scene, next)
    } catch (error) {
      violation = { id: 'CRASH', what: error instanceof Error ? error.message : String(error), at: next }
    }
  }
  clock.at = ENDS_AT
  violation ??= firstBroken(LAWS_AT_REST, sceneOf(shop.state, gateway), ENDS_AT)
  return { shop, gateway, instants, hash: trace.digest('hex'), edges, violation }
}

function firstBroken(laws: readonly Law[], scene: Scene, at: number): Violation | undefined {
  for (const [id, broken] of laws) {
    const what = broken(scene)
    if (what !== undefined) return { id, what, at }
  }
  return undefined
}

function knownText({ state: shop, orders, attempts, refunds, balances }: Scene): string {
  return [
    orders.map(({ key, status }) => `${key}${status}`),
    attempts.map(({ key, state, nextQueryAt }) => `${key}${state}${nextQueryAt}`),
    refunds.map(({ key, state, nextTryAt }) => `${key}${state}${nextTryAt}`),
    shop.payouts.map(({ key, state, amountFen }) => `${key}${state}${amountFen}`),
    [...balances].map(([account, fen]) => `${account}${fen}`),
  ].join(' ')
}
