interface Connection {
  readonly saveData?: boolean
  readonly effectiveType?: string
}

/** Runs `work` once the page has loaded and nothing is going on; not at all where every kilobyte counts. */
export function whenIdle(work: () => void): void {
  const { connection } = navigator as Navigator & { readonly connection?: Connection }
  if (connection?.saveData || connection?.effectiveType?.includes('2g')) return
  const later = () => ('requestIdleCallback' in window ? requestIdleCallback(work) : setTimeout(work, 1_000))
  if (document.readyState === 'complete') later()
  else addEventListener('load', later, { once: true })
}
