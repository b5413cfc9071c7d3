/** One page of a list at the desk. */
export interface DeskPageOf<Row> {
  readonly rows: readonly Row[]
  readonly total: number
  readonly current_page: number
  readonly total_page: number
}

/** How a page is asked for: rows of one page, and its number, as the address would say them. */
export type AskPage<Row> = (span: { readonly p: string; readonly size: string }) => Promise<DeskPageOf<Row>>

const ROWS_AT_ONCE = 500
/** More than a spreadsheet shows well; whoever has more asks for a narrower filter. */
export const MOST_ROWS = 50_000

/**
 * Every row of a filtered list, page after page. A row that moves to the next page while they are read, because a new
 * one came in front, is taken once.
 */
export async function wholeList<Row>(ask: AskPage<Row>, keyOf: (row: Row) => number | string): Promise<Row[]> {
  const rows = new Map<number | string, Row>()
  for (let page = 1; rows.size < MOST_ROWS; page += 1) {
    const { rows: found, total_page } = await ask({ p: String(page), size: String(ROWS_AT_ONCE) })
    for (const row of found) rows.set(keyOf(row), row)
    if (page >= total_page) break
  }
  return [...rows.values()]
}
