import type { FaultyGateway } from './faulty-gateway.ts'
import type { Clock, Event, Plan, Shop } from './world.ts'

/** What stands before the numbers of another environment of the same merchant. */
const FOREIGN = 'ihelsewhere_'

/** A plan as it happens to a shop: people act, the gateway's messages arrive, whoever keeps the shop's books. */
export class Life {
  private readonly pages = new Map<number, string[]>()
  private next = 0
  private strays = 0
  private readonly plan: Plan
  private readonly clock: Clock
  private readonly gateway: FaultyGateway
  private readonly shop: Shop

  constructor(plan: Plan, clock: Clock, gateway: FaultyGateway, shop: Shop) {
    this.plan = plan
    this.clock = clock
    this.gateway = gateway
    this.shop = shop
  }

  /** When somebody does something next, or a message arrives. */
  nextAt(): number {
    const event = this.plan.events[this.next]?.at ?? Number.POSITIVE_INFINITY
    return Math.min(event, this.gateway.nextDue() ?? Number.POSITIVE_INFINITY)
  }

  /** Everything up to now: first what people do, then what the gateway says. Gives it as one line. */
  async happen(): Promise<string> {
    const told: string[] = []
    for (;;) {
      const event = this.plan.events[this.next]
      if (!event || event.at > this.clock.at) break
      this.next += 1
      told.push(`${event.deed.do} ${event.order} ${await this.take(event)}`)
    }
    for (const message of this.gateway.takeDue()) {
      await this.shop.hear(message)
      told.push('heard')
    }
    return told.join(', ')
  }

  private async take({ order, deed }: Event): Promise<boolean> {
    const { gateway, shop } = this
    const page = 'page' in deed ? (this.pages.get(order)?.[deed.page] ?? '') : ''
    switch (deed.do) {
      case 'place':
        return shop.place(order, deed)
      case 'press':
        return this.press(order)
      case 'return':
        if (page !== '') await shop.comeBack(page)
        return page !== ''
      case 'linger':
        return gateway.linger(page)
      case 'pay':
        return gateway.pay(page, deed.notices, deed.moreFen, deed.late)
      case 'drop':
        return gateway.drop(page, deed.notices)
      case 'console':
        return gateway.refundInConsole(page, deed.share, deed.notices)
      case 'bounce':
        return gateway.bounce(`${shop.prefix}p${order}_`)
      case 'finish':
        return gateway.finish(page, deed.notices)
      case 'buyer_gone':
        return gateway.loseBuyer(page)
      case 'stray':
        this.strays += 1
        gateway.stray(
          `${deed.own ? shop.prefix : FOREIGN}stray_${this.plan.seed}_${this.strays}`,
          deed.fen,
          deed.notices,
        )
        return true
      case 'trouble':
        gateway.trouble(deed.call, deed.how, deed.seconds)
        return true
      case 'poor':
        gateway.beShort(deed.seconds)
        return true
      default:
        return shop.act(order, deed)
    }
  }

  private async press(order: number): Promise<boolean> {
    const given = await this.shop.press(order)
    if (!given) return false
    const pages = this.pages.get(order) ?? []
    if (!pages.includes(given.outTradeNo)) {
      this.gateway.give(given, `${order}.${pages.length}`)
      this.pages.set(order, [...pages, given.outTradeNo])
    }
    return true
  }
}
