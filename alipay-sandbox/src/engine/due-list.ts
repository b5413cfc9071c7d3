import type { Instant } from './model.ts'

export interface Due {
  readonly at: Instant
  readonly kind: 'close_trade' | 'finish_trade' | 'settle_transfer' | 'deliver_notify'
  readonly id: string
}

/** What waits for its instant, earliest first; ties keep the order in which they were added. A binary heap. */
export class DueList {
  readonly #heap: (Due & { readonly order: number })[] = []
  #added = 0

  add(due: Due): void {
    this.#heap.push({ ...due, order: this.#added })
    this.#added += 1
    let child = this.#heap.length - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!this.#before(child, parent)) break
      this.#swap(child, parent)
      child = parent
    }
  }

  peek(): Due | undefined {
    return this.#heap[0]
  }

  take(): Due | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first === undefined || last === undefined || this.#heap.length === 0) return first
    this.#heap[0] = last
    let parent = 0
    for (;;) {
      const left = parent * 2 + 1
      if (left >= this.#heap.length) break
      const child = left + 1 < this.#heap.length && this.#before(left + 1, left) ? left + 1 : left
      if (!this.#before(child, parent)) break
      this.#swap(child, parent)
      parent = child
    }
    return first
  }

  clear(): void {
    this.#heap.length = 0
  }

  #before(a: number, b: number): boolean {
    const left = this.#heap[a]
    const right = this.#heap[b]
    if (!left || !right) return false
    return left.at < right.at || (left.at === right.at && left.order < right.order)
  }

  #swap(a: number, b: number): void {
    const left = this.#heap[a]
    const right = this.#heap[b]
    if (!left || !right) return
    this.#heap[a] = right
    this.#heap[b] = left
  }
}
