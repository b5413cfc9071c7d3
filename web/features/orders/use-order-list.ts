import { ordersOf } from '@ihome/contract/orders-client'
import type { OrderItem, OrderTab } from '@ihome/contract/schemas/orders'
import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { type ComputedRef, computed, inject, type Ref, ref, shallowRef, watch } from 'vue'
import { useApi } from '../../platform/api.ts'
import { useServerClock } from '../../platform/server-clock.ts'
import { type Trouble, troubleOf } from '../../platform/trouble.ts'
import { RESOURCES, useResource } from '../../platform/use-resource.ts'

interface LaterPages {
  readonly orders: readonly OrderItem[]
  /** Where the next page begins; undefined while only the first page has been read, null at the end. */
  readonly cursor: string | null | undefined
  readonly pages: number
}

const NOTHING_LATER: LaterPages = { orders: [], cursor: undefined, pages: 0 }

export interface OrderList {
  readonly orders: ComputedRef<readonly OrderItem[] | undefined>
  readonly trouble: Readonly<Ref<Trouble | undefined>>
  readonly busy: Readonly<Ref<boolean>>
  /** When the first page was last read, on the server's clock. */
  readonly readAt: Readonly<Ref<Date | undefined>>
  readonly hasMore: ComputedRef<boolean>
  readonly moreBusy: Readonly<Ref<boolean>>
  readonly moreTrouble: Readonly<Ref<Trouble | undefined>>
  reload(): Promise<void>
  more(): Promise<void>
  /** Reads one order again and puts it in its place. Gives its status, or undefined when it could not be read. */
  reread(orderId: number): Promise<OrderStatus | undefined>
}

/** One's orders as guest or host, newest first, page after page, read again whenever the page becomes visible. */
export function useOrderList(
  role: 'custom' | 'landlord',
  tab: () => OrderTab | undefined = () => undefined,
): OrderList {
  const api = useApi()
  const clock = useServerClock()
  const kept = inject(RESOURCES)?.kept
  const placeOfLater = `orders:${role}:later`
  const readAt = ref<Date>()
  const later = shallowRef<LaterPages>((kept?.get(placeOfLater) as LaterPages | undefined) ?? NOTHING_LATER)
  /** Cards read alone since the list was. */
  const fresher = shallowRef<ReadonlyMap<number, OrderItem>>(new Map())
  const moreBusy = ref(false)
  const moreTrouble = shallowRef<Trouble>()

  async function readPage(cursor: string | undefined) {
    const asked = tab()
    const page = await ordersOf(api).list({
      role,
      ...(asked ? { tab: asked } : {}),
      ...(cursor === undefined ? {} : { cursor }),
    })
    clock.hear(page.now)
    return page
  }

  const first = useResource(
    () => `orders:${role}:${tab() ?? 'all'}`,
    async () => {
      const page = await readPage(undefined)
      readAt.value = clock.now()
      return page
    },
    { whenVisible: true },
  )

  // Another tab is another list, of which only the first page is known.
  watch(tab, () => {
    later.value = NOTHING_LATER
    kept?.delete(placeOfLater)
    fresher.value = new Map()
  })

  const cursor = computed(() => (later.value.cursor === undefined ? first.data.value?.next_cursor : later.value.cursor))

  const orders = computed(() => {
    if (!first.data.value) return undefined
    const newest = first.data.value.orders
    const seen = new Set(newest.map((order) => order.order_id))
    // An order made since pushes others from the first page into the part that is read already.
    const rest = later.value.orders.filter((order) => !seen.has(order.order_id))
    return [...newest, ...rest].map((order) => fresher.value.get(order.order_id) ?? order)
  })

  function keepLater(pages: LaterPages): void {
    later.value = pages
    kept?.set(placeOfLater, pages)
  }

  /** Reads on from `from`, at most `pages` pages. */
  async function readOn(from: string, pages: number): Promise<LaterPages> {
    const found: OrderItem[] = []
    let next: string | null = from
    let read = 0
    while (next !== null && read < pages) {
      const page = await readPage(next)
      found.push(...page.orders)
      next = page.next_cursor
      read += 1
    }
    return { orders: found, cursor: next, pages: read }
  }

  async function more(): Promise<void> {
    if (moreBusy.value || !cursor.value) return
    moreBusy.value = true
    moreTrouble.value = undefined
    const before = later.value
    try {
      const added = await readOn(cursor.value, 1)
      keepLater({ orders: [...before.orders, ...added.orders], cursor: added.cursor, pages: before.pages + 1 })
    } catch (error) {
      moreTrouble.value = troubleOf(error)
    } finally {
      moreBusy.value = false
    }
  }

  // A fresh first page makes the later ones old: as many as were there are read again behind it.
  watch(first.data, async (page) => {
    fresher.value = new Map()
    if (!page || later.value.pages === 0) return
    if (page.next_cursor === null) return keepLater(NOTHING_LATER)
    try {
      keepLater(await readOn(page.next_cursor, later.value.pages))
    } catch (error) {
      moreTrouble.value = troubleOf(error)
    }
  })

  async function reread(orderId: number): Promise<OrderStatus | undefined> {
    try {
      const { order, now } = await ordersOf(api).detail(orderId)
      clock.hear(now)
      fresher.value = new Map(fresher.value).set(orderId, order)
      return order.status
    } catch (error) {
      // The card stays as it was; what went wrong was said where the tap was, and the list is read again anyway.
      troubleOf(error)
      await first.reload()
      return undefined
    }
  }

  return {
    orders,
    trouble: first.trouble,
    busy: first.busy,
    readAt,
    hasMore: computed(() => typeof cursor.value === 'string'),
    moreBusy,
    moreTrouble,
    reload: first.reload,
    more,
    reread,
  }
}
