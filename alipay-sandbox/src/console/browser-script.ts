/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * The only script of the console, sent to the browser as the text of this function: it may use nothing from outside
 * itself. Without it every page works; with it pages follow what happens, and texts can be copied with one press.
 */
export function browserScript(): void {
  const page = document.documentElement
  page.classList.remove('no-script')
  // On a phone the navigation is longer than the screen.
  document.querySelector('nav [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' })

  const named = document.getElementById(window.location.hash.slice(1))
  if (named instanceof HTMLDetailsElement) named.open = true

  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-copy]') : null
    if (!button) return
    const source = document.getElementById(button.dataset.copy ?? '')
    const text =
      source instanceof HTMLTextAreaElement || source instanceof HTMLInputElement ? source.value : source?.textContent
    void copy((text ?? '').trim()).then(() => {
      const words = button.textContent
      button.textContent = document.body.dataset.copied ?? ''
      window.setTimeout(() => {
        button.textContent = words
      }, 1500)
    })
  })

  // A second press while the clock still runs through a day would move it by two.
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement) || form.method !== 'post' || form.target === '_blank') return
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = 'yes'
  })
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sent]')) delete form.dataset.sent
  })

  async function copy(text: string): Promise<void> {
    if (navigator.clipboard) return navigator.clipboard.writeText(text)
    // Beyond loopback and without TLS browsers give no clipboard; a selected field still does it.
    const field = document.createElement('textarea')
    field.value = text
    document.body.append(field)
    field.select()
    document.execCommand('copy')
    field.remove()
  }

  // Between two answers of the sandbox its clock goes on here, at the same rate.
  let shown = { text: '', since: 0 }
  window.setInterval(() => {
    const time = document.querySelector<HTMLTimeElement>('#time time')
    const rate = Number(time?.parentElement?.dataset.rate)
    if (!time || !(rate > 0)) return
    if (time.dateTime !== shown.text) shown = { text: time.dateTime, since: performance.now() }
    const now = Date.parse(time.dateTime) + (performance.now() - shown.since) * rate
    time.textContent = new Date(now + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
  }, 500)

  if (!document.querySelector('nav') || !('EventSource' in window)) return
  const events = new EventSource('/_sandbox/live')
  let wanted = false
  let asking = false
  let lost = false

  function hear(): void {
    wanted = true
    if (!asking) void follow()
  }

  events.onmessage = hear
  events.onopen = () => {
    // The sandbox was away: the forms of this page belong to the one before.
    if (lost) window.location.reload()
  }
  events.onerror = () => {
    lost = true
  }

  async function follow(): Promise<void> {
    asking = true
    while (wanted) {
      wanted = false
      const address = new URL(window.location.href)
      address.searchParams.delete('said')
      const answer = await fetch(address, { headers: { accept: 'text/html' } }).catch(() => undefined)
      if (answer?.ok) renew(new DOMParser().parseFromString(await answer.text(), 'text/html'))
      await new Promise((resolve) => window.setTimeout(resolve, 400))
    }
    asking = false
  }

  /** Exchanges the parts that follow events, and leaves alone what somebody is in the middle of. */
  function renew(fresh: Document): void {
    for (const old of document.querySelectorAll<HTMLElement>('[data-live]')) {
      const next = fresh.getElementById(old.id)
      if (!next || next.innerHTML === old.dataset.seen) continue
      const active = document.activeElement
      if (active && old.contains(active) && active.matches('input, select, textarea')) continue
      const open = new Set([...old.querySelectorAll<HTMLDetailsElement>('details[open]')].map(({ id }) => id))
      const focused = active && old.contains(active) ? active.id : ''
      old.dataset.seen = next.innerHTML
      if (next.dataset.rate) old.dataset.rate = next.dataset.rate
      old.innerHTML = next.innerHTML
      for (const details of old.querySelectorAll<HTMLDetailsElement>('details')) {
        if (open.has(details.id)) details.open = true
      }
      if (focused) document.getElementById(focused)?.focus()
    }
  }
}
