import { type OrderByExpression, type SelectQueryBuilder, sql } from 'kysely'
import { inputInvalid } from './refusal.ts'

/** How many rows a list at the operator's desk shows at once. */
const DESK_PAGE = 20
/** How many rows are given at once to somebody who takes the whole list along as a file. */
const LONGEST_PAGE = 500

/** Which rows of a list are asked for, and in which order. */
export interface DeskSpan<Key extends string = string> {
  readonly page: number
  readonly skip: number
  readonly take: number
  readonly sort: Key
  readonly direction: 'asc' | 'desc'
}

/**
 * Reads what the address says about page, size and order. `sort` is one of `keys`, with a minus sign in front when the
 * greatest comes first; without it the first key stands, greatest first. Says no with `input_invalid`.
 */
export function deskSpan<Key extends string>(
  asked: { readonly p?: string; readonly size?: string; readonly sort?: string },
  keys: readonly [Key, ...Key[]],
): DeskSpan<Key> {
  // What is not a positive number is page 1: an address may have been cut off.
  const page = asked.p !== undefined && /^[1-9]\d{0,6}$/.test(asked.p) ? Number(asked.p) : 1
  const size = Number(asked.size ?? DESK_PAGE)
  if (!Number.isInteger(size) || size < 1 || size > LONGEST_PAGE) {
    throw inputInvalid({ field: 'size', reason: `1 to ${LONGEST_PAGE}` })
  }
  const down = asked.sort === undefined || asked.sort.startsWith('-')
  const name = asked.sort?.replace(/^-/, '') ?? keys[0]
  const sort = keys.find((key) => key === name)
  if (sort === undefined) throw inputInvalid({ field: 'sort', reason: `one of ${keys.join(', ')}` })
  return { page, skip: (page - 1) * size, take: size, sort, direction: down ? 'desc' : 'asc' }
}

/** A list as it is answered. */
export const deskList = <Row>(rows: Row[], total: number, page: number, size: number) => ({
  rows,
  total,
  current_page: page,
  total_page: Math.ceil(total / size),
})

/** What somebody typed, as a pattern of `like` that holds it anywhere: its own signs mean themselves. */
export const anywhere = (text: string): string => `%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`

/**
 * One page of a filtered query, and how many rows the whole filter has. `tie` orders rows that are equal in what was
 * asked for, so that none is shown twice or never while somebody turns the pages.
 */
export async function readDeskPage<DB, TB extends keyof DB, Row, Key extends string>(
  query: SelectQueryBuilder<DB, TB, Row>,
  columns: Readonly<Record<Key, OrderByExpression<DB, TB, Row>>>,
  tie: OrderByExpression<DB, TB, Row>,
  { page, skip, take, sort, direction }: DeskSpan<Key>,
) {
  const [total, rows] = await Promise.all([
    countRows(query),
    query.orderBy(columns[sort], direction).orderBy(tie, direction).offset(skip).limit(take).execute(),
  ])
  return deskList(rows, total, page, take)
}

/** How many rows a query finds. */
export async function countRows<DB, TB extends keyof DB>(query: SelectQueryBuilder<DB, TB, unknown>): Promise<number> {
  const { count } = await query
    .clearSelect()
    .select(sql<number>`count(*)::integer`.as('count'))
    .$castTo<{ count: number }>()
    .executeTakeFirstOrThrow()
  return count
}
