import { MESSAGES_STREAM } from '@ihome/contract/messages-client'

/**
 * Hears of every change to one's threads while the page is shown: `onNews` gets the number of the order, or nothing when
 * something may have been missed. The browser itself joins again after a break. Gives what ends it.
 */
export function listenForNews(onNews: (orderId: number | undefined) => void): () => void {
  if (typeof EventSource === 'undefined') return () => undefined
  let source: EventSource | undefined
  const close = () => {
    source?.close()
    source = undefined
  }
  const open = () => {
    if (source || document.hidden) return
    source = new EventSource(MESSAGES_STREAM)
    source.addEventListener('thread', ({ data }) => onNews(Number(JSON.parse(String(data)).order_id)))
    source.addEventListener('again', () => onNews(undefined))
  }
  // A page in the background gives its connection back; whoever comes back asks anew.
  const look = () => (document.hidden ? close() : open())
  document.addEventListener('visibilitychange', look)
  open()
  return () => {
    document.removeEventListener('visibilitychange', look)
    close()
  }
}
