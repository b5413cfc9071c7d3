import type { Instant } from '../engine/model.ts'
import type { Answer } from './envelope.ts'
import type { SignatureHelp } from './signature-helper.ts'
import type { Params } from './string-to-sign.ts'

const KEPT = 500
/** Of one request, so that a caller who sends much cannot fill the memory. */
const MOST_TEXT = 32 * 1024

/** A request to `/gateway.do` and what came of it, for people. */
export interface SeenRequest {
  /** Counts up from 1 in this process. */
  readonly id: number
  readonly at: Instant
  /** Process clock. */
  readonly realAt: Instant
  readonly verb: string
  /** As received, cut where they are very long. */
  readonly params: Readonly<Record<string, string>>
  readonly outTradeNo?: string
  readonly code: string
  readonly subCode?: string
  readonly subMsg?: string
  /** The fault that was played on it. */
  readonly fault?: string
  /** What was let pass and deserves a look, and what probably is wrong with a refused one. */
  readonly notes: readonly string[]
  /** Only of a refused signature: the string that was compared, and what most likely went wrong. */
  readonly signature?: SignatureHelp
  readonly tookMs: number
}

export type Outcome = Pick<SeenRequest, 'code' | 'subCode' | 'subMsg' | 'fault'>

export const outcomeOf = (answer: Answer, fault?: string): Outcome => ({
  code: answer.code,
  ...(typeof answer.sub_code === 'string' && { subCode: answer.sub_code }),
  ...(typeof answer.sub_msg === 'string' && { subMsg: answer.sub_msg }),
  ...(fault !== undefined && { fault }),
})

/** The latest requests of this process. They are not part of the state and do not outlive it. */
export class RequestLog {
  readonly #seen: SeenRequest[] = []
  readonly #watchers = new Set<(request: SeenRequest) => void>()
  #count = 0

  add(request: Omit<SeenRequest, 'id' | 'params' | 'outTradeNo'> & { readonly params: Params }): void {
    this.#count += 1
    const outTradeNo = outTradeNoIn(request.params)
    const seen = {
      ...request,
      id: this.#count,
      params: shortened(request.params),
      ...(request.signature && {
        signature: { ...request.signature, computed: cut(request.signature.computed, MOST_TEXT) },
      }),
      ...(outTradeNo !== undefined && { outTradeNo }),
    }
    this.#seen.push(seen)
    if (this.#seen.length > KEPT) this.#seen.shift()
    for (const watcher of this.#watchers) watcher(seen)
  }

  /** Oldest first. */
  get seen(): readonly SeenRequest[] {
    return this.#seen
  }

  /** Calls back with every request from now on; returns the way to stop that. */
  watch(watcher: (request: SeenRequest) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  clear(): void {
    this.#seen.length = 0
  }
}

/** Not by its slice alone: a slice keeps the whole text it was cut from alive. */
const cut = (text: string, most: number) =>
  text.length <= most ? text : `${Buffer.from(text.slice(0, most)).toString()}…`

function shortened(params: Params): Record<string, string> {
  let left = MOST_TEXT
  const short: Record<string, string> = {}
  for (const [name, value] of Object.entries(params)) {
    if (left <= 0) break
    const key = name.slice(0, 128)
    short[key] = cut(value, left)
    left -= key.length + value.length
  }
  return short
}

function outTradeNoIn(params: Params): string | undefined {
  const found = /"out_trade_no"\s*:\s*"([^"\\]{1,64})"/.exec(params.biz_content ?? '')
  return found?.[1]
}
