import { runDueOrders } from '@ihome/server/features/orders/order-jobs'
import { applyGatewayFact, type IncomingFact } from '@ihome/server/features/payments/apply-gateway-fact'
import { runDuePayments } from '@ihome/server/features/payments/payment-jobs'
import { brokenInvariants } from '../books.ts'
import { inParallel } from '../crowd.ts'
import type { Goal } from '../goal.ts'
import { type Bed, openBed } from '../order-of-events/bed.ts'
import { type FinalState, finalStates } from '../order-of-events/final-states.ts'
import { SCENARIOS, type Scenario } from '../order-of-events/scenarios.ts'
import { FACTS_AT } from '../order-of-events/situations.ts'
import type { Random } from '../random.ts'

const ORDERS_PER_SCENARIO = { small: 12, full: Number.POSITIVE_INFINITY }
const BATCH = 400
const WIDTH = 10
const MINUTE = 60_000
/** When the jobs look afterwards: at once, a little later, and past every window, grace and last look. */
const LOOKS_AFTER_MS = [0, 5 * MINUTE, 115 * MINUTE, 120 * MINUTE, 180 * MINUTE, 30 * 60 * MINUTE]

/** One story: the facts in one order, one of them twice. */
interface Run {
  readonly scenario: Scenario
  /** Places of the facts in the set; one place stands twice. */
  readonly order: readonly number[]
}

/** G05: what the gateway says may come in any order and twice; money and stay end the same. */
export const g05: Goal = {
  id: 'G05',
  title: 'Order of events does not matter',
  release: 1,
  needsShop: false,
  async prove({ size, random, say }) {
    const bed = await openBed()
    try {
      const runs = SCENARIOS.flatMap((scenario) => plan(scenario, ORDERS_PER_SCENARIO[size], random))
      const firsts = new Map<Scenario, Told>()
      const broken: string[] = []
      for (let at = 0; at < runs.length; at += BATCH) {
        const batch = runs.slice(at, at + BATCH)
        for (const lived of await live(bed, batch)) judge(lived, firsts, broken)
        say(`${Math.min(at + BATCH, runs.length)} of ${runs.length} stories`)
      }
      // Some stories rightly end with a refund that only a person can make (a trade past its refunds).
      broken.push(...(await brokenInvariants(bed, { except: ['L7'] })))
      return { counts: { scenarios: SCENARIOS.length, runs: runs.length, violations: broken.length }, broken }
    } finally {
      await bed.stop()
    }
  },
}

/** The facts as they stand, then as many other orders as asked for, each with one fact told twice. */
function plan(scenario: Scenario, most: number, random: Random): Run[] {
  const places = scenario.facts.size
  const natural = Array.from({ length: places }, (_, place) => place)
  const orders = permutations(natural)
  const chosen = orders.length <= most ? orders : [natural, ...random.shuffle(orders).slice(0, most - 1)]
  return chosen.map((order) => {
    const again = random.pick(order)
    const after = random.between(order.indexOf(again) + 1, order.length)
    return { scenario, order: [...order.slice(0, after), again, ...order.slice(after)] }
  })
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((first) => permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]))
}

interface Told {
  readonly run: Run
  readonly state: FinalState
  readonly told: readonly IncomingFact[]
}

/** Lives a batch of stories, several at a time; the jobs work for all of them together. */
async function live(bed: Bed, batch: readonly Run[]): Promise<Told[]> {
  const { needs, gateway } = bed
  bed.setClock(FACTS_AT)
  gateway.trades.clear()
  const lived = await inParallel(batch, WIDTH, async ({ scenario, order }) => {
    const stage = await scenario.begin(bed)
    for (const trade of scenario.facts.book(stage)) gateway.trades.set(trade.outTradeNo, trade)
    const facts = scenario.facts.tell(stage)
    const told: IncomingFact[] = []
    for (const place of order) {
      const fact = facts[place]
      if (!fact) throw new RangeError(`${scenario.name} has no fact ${place}`)
      told.push(fact)
      await applyGatewayFact(needs, fact)
    }
    return { orderId: stage.orderId, told }
  })
  for (const later of LOOKS_AFTER_MS) {
    bed.setClock(new Date(FACTS_AT.getTime() + later))
    while ((await runDueOrders(needs)) + (await runDuePayments(needs)) > 0);
  }
  const states = await finalStates(
    bed,
    lived.map(({ orderId }) => orderId),
  )
  return lived.map(({ orderId, told }, at) => {
    const [run, state] = [batch[at], states.get(orderId)]
    if (!run || !state) throw new Error(`order ${orderId} is gone`)
    return { run, state, told }
  })
}

function judge(lived: Told, firsts: Map<Scenario, Told>, broken: string[]): void {
  const { run, state } = lived
  const { scenario } = run
  const { status, held, owed, back } = scenario.end
  if (state.status !== status || state.held !== held || state.owed !== owed || state.back !== back) {
    broken.push(`P8 ${scenario.name} ${endOf(lived)}, not ${JSON.stringify(scenario.end)}`)
    return
  }
  const first = firsts.get(scenario)
  if (!first) firsts.set(scenario, lived)
  else if (first.state.text !== state.text) broken.push(`G05 ${scenario.name} ${endOf(lived)}, but ${endOf(first)}`)
}

const endOf = ({ told, state }: Told): string =>
  `[${told.map(({ noticeId }) => noticeId.split(':')[0]).join(' > ')}] ended ${state.text}`
