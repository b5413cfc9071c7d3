import type { CashierOutcome, CashierPort, CheckoutState, CheckoutView, DemoBuyer, PaidVia } from './port.ts'

interface FakeBuyer {
  readonly account: string
  readonly displayName: string
  balanceFen: number
  wrongTries: number
  lockedUntil?: Date
}

interface FakeCheckout {
  view: Omit<CheckoutView, 'state' | 'buyer' | 'remainingMs' | 'triesLeft'>
  ended?: Extract<CheckoutState, 'paid' | 'quit' | 'closed'>
  buyer?: FakeBuyer
}

const PASSWORD = '111111'

/**
 * A port without engine, disk or signatures, for tests of the pages alone. It keeps the rules that show on screen: two
 * buyers, five tries, expiry, one debit. `calls` tells what the pages asked for.
 */
export class FakePort implements CashierPort {
  readonly calls: string[] = []
  readonly buyers: readonly FakeBuyer[] = [
    { account: 'rich@sandbox.test', displayName: '沈富', balanceFen: 100_000_000, wrongTries: 0 },
    { account: 'poor@sandbox.test', displayName: '祝贫', balanceFen: 100, wrongTries: 0 },
  ]
  clock = new Date('2026-11-24T13:00:00Z')
  /** Answers the next call instead of the rules. */
  forced: CashierOutcome | undefined
  debits = 0
  readonly #checkouts = new Map<string, FakeCheckout>()

  open(more: Partial<CheckoutView> = {}): string {
    const id = more.id ?? `co_${this.#checkouts.size + 1}abcdefgh`
    this.#checkouts.set(id, {
      view: {
        id,
        product: 'wap',
        subject: '胡同里的一间房，两晚',
        amountFen: 77_600,
        outTradeNo: 'ih1_20261124_7f3a',
        payeeName: '爱家租房',
        timeExpire: new Date('2026-11-24T13:15:00Z'),
        quitHref: 'http://127.0.0.1:8000/orders',
        ...more,
      },
    })
    return id
  }

  /** Puts a checkout into the final state that only the engine knows how to reach. */
  end(id: string, state: 'closed' | 'quit', because?: CheckoutView['closedBecause']): void {
    const checkout = this.#find(id)
    checkout.ended = state
    if (because) checkout.view = { ...checkout.view, closedBecause: because }
  }

  view(id: string): CheckoutView | undefined {
    const checkout = this.#checkouts.get(id)
    if (!checkout) return undefined
    const { view, buyer } = checkout
    const remainingMs = Math.max(0, view.timeExpire.getTime() - this.clock.getTime())
    const open: CheckoutState = buyer ? 'confirm' : 'login'
    return {
      ...view,
      state: checkout.ended ?? (remainingMs > 0 ? open : 'expired'),
      remainingMs,
      triesLeft: 5 - (buyer?.wrongTries ?? 0),
      ...(buyer ? { buyer: { logonIdMasked: 'ric***@sandbox.test', ...buyer } } : {}),
      ...(buyer?.lockedUntil && buyer.lockedUntil > this.clock ? { lockedUntil: buyer.lockedUntil } : {}),
    }
  }

  async login(id: string, account: string, password: string): Promise<CashierOutcome> {
    return this.#act('login', id, (checkout) => {
      const buyer = this.buyers.find((one) => one.account === account)
      if (!buyer || password !== PASSWORD) return { kind: 'wrong_login' }
      checkout.buyer = buyer
      return undefined
    })
  }

  async confirm(id: string): Promise<CashierOutcome> {
    return this.#act('confirm', id, () => undefined)
  }

  async pay(id: string, payPassword: string, via: PaidVia): Promise<CashierOutcome> {
    return this.#act(`pay ${via}`, id, (checkout) => {
      const { buyer, view } = checkout
      if (!buyer) return undefined
      if (buyer.lockedUntil && buyer.lockedUntil > this.clock) return { kind: 'locked', until: buyer.lockedUntil }
      if (payPassword !== PASSWORD) return this.#wrong(buyer)
      if (buyer.balanceFen < view.amountFen) {
        return { kind: 'balance_short', shortFen: view.amountFen - buyer.balanceFen }
      }
      buyer.balanceFen -= view.amountFen
      this.debits += 1
      checkout.ended = 'paid'
      checkout.view = {
        ...view,
        paidVia: via,
        returnHref: 'http://127.0.0.1:8000/pay-complete?charset=utf-8&sign=a%2Bb',
      }
      return undefined
    })
  }

  async quit(id: string): Promise<CashierOutcome> {
    return this.#act('quit', id, (checkout) => {
      checkout.ended = 'quit'
      return undefined
    })
  }

  async topUp(id: string, amountFen: number): Promise<CashierOutcome> {
    return this.#act('topUp', id, (checkout) => {
      if (checkout.buyer) checkout.buyer.balanceFen += amountFen
      return undefined
    })
  }

  demoBuyers(): readonly DemoBuyer[] {
    return this.buyers.map((buyer) => ({ ...buyer, loginPassword: PASSWORD, payPassword: PASSWORD }))
  }

  now(): Date {
    return this.clock
  }

  #wrong(buyer: FakeBuyer): CashierOutcome {
    buyer.wrongTries += 1
    if (buyer.wrongTries < 5) return { kind: 'wrong_password', triesLeft: 5 - buyer.wrongTries }
    buyer.wrongTries = 0
    buyer.lockedUntil = new Date(this.clock.getTime() + 3 * 3_600_000)
    return { kind: 'locked', until: buyer.lockedUntil }
  }

  #act(name: string, id: string, rule: (checkout: FakeCheckout) => CashierOutcome | undefined): CashierOutcome {
    this.calls.push(name)
    const forced = this.forced
    this.forced = undefined
    if (forced) return forced
    const before = this.view(id)
    if (!before) return { kind: 'not_found' }
    if (before.state === 'expired') return { kind: 'expired' }
    if (before.state === 'login' || before.state === 'confirm') {
      const no = rule(this.#find(id))
      if (no) return no
    }
    return { kind: 'ok', checkout: this.view(id) ?? before }
  }

  #find(id: string): FakeCheckout {
    const checkout = this.#checkouts.get(id)
    if (!checkout) throw new Error(`no checkout ${id}`)
    return checkout
  }
}
