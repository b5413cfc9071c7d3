import type { HttpAnswer } from '../wire/gateway.ts'
import type { HttpStream } from '../wire/http-server.ts'
import type { ToldEvent } from './event-feed.ts'
import { snakeKeys } from './key-case.ts'

/** An answer that is not JSON made from a value. */
export class RawAnswer {
  readonly answer: HttpAnswer | HttpStream

  constructor(answer: HttpAnswer | HttpStream) {
    this.answer = answer
  }
}

/** A file to keep. */
export const download = (name: string, type: string, body: Buffer) =>
  new RawAnswer({
    status: 200,
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body,
  })

const HEARTBEAT_MS = 15_000

/** Server-sent events: each with its id, so that a browser that was cut off asks for what it missed by itself. */
export function eventStream(
  watch: (watcher: (event: ToldEvent) => void) => { readonly missed: boolean; readonly stop: () => void },
): RawAnswer {
  return new RawAnswer({
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    stream(write) {
      write('retry: 1000\n\n')
      const { missed, stop } = watch(({ id, type, ...about }) => {
        write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(snakeKeys({ type, ...about }))}\n\n`)
      })
      if (missed) write('event: missed\ndata: {"type":"missed"}\n\n')
      const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS)
      heartbeat.unref()
      return () => {
        clearInterval(heartbeat)
        stop()
      }
    },
  })
}
