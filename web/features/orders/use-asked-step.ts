import type { OrderItem } from '@ihome/contract/schemas/orders'
import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { mayStep, type Viewer } from '@ihome/core/orders/steps'
import { nextTick, onMounted, onUnmounted, type Ref, ref, watch } from 'vue'
import { useAnnouncer } from '../../platform/announcer.ts'
import { useServerClock } from '../../platform/server-clock.ts'
import { sayPrivately as say } from '../../text/private-say.ts'
import { mayReply } from './order-buttons.ts'
import { type AskedStep, askedStepOf, type SheetStep } from './sheet-step.ts'

/** What the card of an order is called in the page, so that focus can be given to it. */
export const cardId = (orderId: number): string => `order-${orderId}`

export interface AskedSteps {
  /** Whose sheet stands open. */
  readonly asked: Readonly<Ref<AskedStep | undefined>>
  /** The order that has just changed. */
  readonly flashed: Readonly<Ref<number | undefined>>
  ask(orderId: number, step: SheetStep): void
  done(said: string): void
  refused(): void
  /** The sheet is gone and navigation free again. */
  closed(): Promise<void>
  /** Reads the order again, shows that it did, and says what it is now. */
  refresh(orderId: number): Promise<void>
}

export interface OrdersOfPage {
  orders(): readonly OrderItem[]
  viewer(): Viewer
  reread(orderId: number): Promise<OrderStatus | undefined>
}

/**
 * The sheets of a page with orders: which one is open, and what happens after it. Whatever the server answered, the
 * order is read again, flashes once and has the focus if nothing else has it.
 */
export function useAskedStep({ orders, viewer, reread }: OrdersOfPage): AskedSteps {
  const announcer = useAnnouncer()
  const clock = useServerClock()
  const asked = ref<AskedStep>()
  const flashed = ref<number>()
  let outcome: { readonly said: string | undefined } | undefined

  async function settle(orderId: number, said: string | undefined): Promise<void> {
    const status = await reread(orderId)
    if (said !== undefined) announcer.say(said)
    else if (status) announcer.say(say('order.changed', { status: say(`status.${status}`) }))
    flashed.value = undefined
    await nextTick()
    flashed.value = orderId
    if (document.activeElement === document.body) document.getElementById(cardId(orderId))?.focus()
  }

  /** A reload, or forward after back, opens the sheet of the entry again, if its step can still be taken. */
  function restore(): void {
    const left = asked.value ? undefined : askedStepOf(history.state)
    const order = orders().find(({ order_id }) => order_id === left?.orderId)
    if (!left || !order) return
    const may = left.step === 'reply' ? mayReply(order, viewer()) : mayStep(order, left.step, viewer(), clock.now())
    if (may) asked.value = left
  }
  watch(orders, restore)
  onMounted(() => {
    restore()
    addEventListener('popstate', restore)
  })
  onUnmounted(() => removeEventListener('popstate', restore))

  return {
    asked,
    flashed,
    ask(orderId, step) {
      asked.value = { orderId, step }
    },
    done(said) {
      outcome = { said }
    },
    refused() {
      outcome = { said: undefined }
    },
    async closed() {
      const over = asked.value
      const result = outcome
      asked.value = undefined
      outcome = undefined
      if (over && result) await settle(over.orderId, result.said)
    },
    refresh: (orderId) => settle(orderId, undefined),
  }
}
