import type { Api } from './client.ts'
import type { LineView, SayBody, ThreadDetailView, ThreadListView, UnreadView } from './schemas/messages.ts'

/** The part of the API for what guest and host write to each other; apart, since visitors need none of it. */
export const messagesOf = ({ call, query }: Pick<Api, 'call' | 'query'>) => ({
  threads: (cursor?: string) => call<ThreadListView>({ method: 'GET', path: `/messages${query({ cursor })}` }),
  thread: (orderId: number, before?: number) =>
    call<ThreadDetailView>({
      method: 'GET',
      path: `/messages/${orderId}${query({ before: before === undefined ? undefined : String(before) })}`,
    }),
  say: (orderId: number, line: SayBody) => call<LineView>({ method: 'POST', path: `/messages/${orderId}`, json: line }),
  read: (orderId: number, upTo: number) =>
    call<UnreadView>({ method: 'PUT', path: `/messages/${orderId}/read`, json: { up_to: upTo } }),
  unread: () => call<UnreadView>({ method: 'GET', path: '/messages/unread' }),
})

/** Where the browser listens for news of its threads, as server-sent events `thread` and `again`. */
export const MESSAGES_STREAM = '/api/v1.0/messages/stream'
