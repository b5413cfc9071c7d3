/** A strip of hazard tape: what nobody takes for a payment company's mark. */
export const MARK = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#ffd60a"/><path d="M-4 22 22-4h9L-4 31zM10 36 36 10v9L19 36z" fill="#14181f"/></svg>`

const icon = (paths: string) =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`

/** One small drawing for each place of the navigation. */
export const ICONS = {
  start: icon('<path d="M5 4v16l15-8z"/>'),
  trades: icon('<path d="M5 3h14v18l-3.5-2-3.5 2-3.5-2L5 21zM9 8h6M9 12h6"/>'),
  notifies: icon('<path d="M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4"/>'),
  requests: icon('<path d="M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4"/>'),
  faults: icon('<path d="M13 2 4 14h7l-1 8 9-12h-7z"/>'),
  accounts: icon('<circle cx="12" cy="8" r="4"/><path d="M4 21c1-4 4-6 8-6s7 2 8 6"/>'),
  bills: icon('<path d="M4 4h16v16H4zM4 9h16M10 9v11"/>'),
  transfers: icon('<path d="M3 12h17M14 6l6 6-6 6"/>'),
  clock: icon('<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 3"/>'),
  settings: icon(
    '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
  ),
} as const
