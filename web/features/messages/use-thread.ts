import { messagesOf } from '@ihome/contract/messages-client'
import type { LineView, ThreadDetailView } from '@ihome/contract/schemas/messages'
import { computed, onMounted, onUnmounted, ref, shallowRef, watch } from 'vue'
import { useApi } from '../../platform/api.ts'
import { useServerClock } from '../../platform/server-clock.ts'
import { type Trouble, troubleOf } from '../../platform/trouble.ts'
import { useResource } from '../../platform/use-resource.ts'
import { listenForNews } from './listen.ts'

/** A line that has not reached the server yet, or was refused. */
export interface UnsentLine {
  readonly client_id: string
  readonly text: string
  /** Why it was not sent; without it the line is on its way or waits for the network. */
  readonly trouble?: Trouble | undefined
}

const newMark = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Lines of one order, with those that wait to be sent. They survive a reload in this tab and go out once. */
export function useThread(orderId: number) {
  const api = useApi()
  const messages = messagesOf(api)
  const clock = useServerClock()
  const place = `unsent:${orderId}`
  const view = useResource(
    `thread:${orderId}`,
    async () => {
      const fresh = await messages.thread(orderId)
      clock.hear(fresh.now)
      return fresh
    },
    { whenVisible: true },
  )
  const older = shallowRef<readonly LineView[]>([])
  const hasOlder = ref(false)
  const olderBusy = ref(false)
  const unsent = shallowRef<readonly UnsentLine[]>([])
  const sending = new Set<string>()

  const lines = computed<readonly LineView[]>(() => {
    const newest = view.data.value?.lines ?? []
    const first = newest[0]?.id ?? Number.POSITIVE_INFINITY
    return [...older.value.filter(({ id }) => id < first), ...newest]
  })
  const waiting = computed(() => {
    const sent = new Set(lines.value.map(({ client_id: mark }) => mark))
    return unsent.value.filter(({ client_id: mark }) => !sent.has(mark))
  })

  function keep(next: readonly UnsentLine[]): void {
    unsent.value = next
    try {
      sessionStorage.setItem(place, JSON.stringify(next.map(({ client_id, text }) => ({ client_id, text }))))
    } catch {
      // Without storage unsent lines live as long as the page.
    }
  }

  async function send(line: UnsentLine): Promise<void> {
    if (sending.has(line.client_id)) return
    sending.add(line.client_id)
    const put = (trouble: Trouble | undefined) =>
      keep(unsent.value.map((other) => (other.client_id === line.client_id ? { ...line, trouble } : other)))
    put(undefined)
    try {
      await messages.say(orderId, { text: line.text, client_id: line.client_id })
      await view.reload()
      keep(unsent.value.filter((other) => other.client_id !== line.client_id))
    } catch (error) {
      put(troubleOf(error))
    } finally {
      sending.delete(line.client_id)
    }
  }
  const sendAll = () => {
    for (const line of unsent.value) void send(line)
  }

  /** Whoever sees a line has read it. */
  async function markRead(thread: ThreadDetailView | undefined): Promise<void> {
    const last = thread?.lines.findLast(({ mine }) => !mine)
    if (!last || document.hidden) return
    try {
      await messages.read(orderId, last.id)
    } catch (error) {
      troubleOf(error) // The dot stays a little longer.
    }
  }
  watch(view.data, (thread, before) => {
    if (!before) hasOlder.value = thread?.has_older ?? false
    void markRead(thread)
  })

  async function readOlder(): Promise<void> {
    const first = lines.value[0]
    if (!first || olderBusy.value) return
    olderBusy.value = true
    try {
      const page = await messages.thread(orderId, first.id)
      older.value = [...page.lines, ...older.value]
      hasOlder.value = page.has_older
    } catch (error) {
      troubleOf(error) // The button stays, to be pressed again.
    } finally {
      olderBusy.value = false
    }
  }

  let stop: (() => void) | undefined
  onMounted(() => {
    try {
      const kept = JSON.parse(sessionStorage.getItem(place) ?? '[]') as UnsentLine[]
      unsent.value = Array.isArray(kept) ? kept : []
    } catch {
      // What cannot be read is as good as nothing.
    }
    if (view.data.value) void markRead(view.data.value)
    sendAll()
    addEventListener('online', sendAll)
    stop = listenForNews((changed) => {
      if (changed === undefined || changed === orderId) void view.reload()
    })
  })
  onUnmounted(() => {
    removeEventListener('online', sendAll)
    stop?.()
  })

  return {
    view,
    lines,
    waiting,
    hasOlder,
    olderBusy,
    readOlder,
    resend: send,
    write(text: string): void {
      const line = { client_id: newMark(), text }
      keep([...unsent.value, line])
      void send(line)
    },
  }
}
