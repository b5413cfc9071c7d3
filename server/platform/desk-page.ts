/** How many rows a list at the operator's desk shows at once. */
export const DESK_PAGE = 20

/** Which rows page `p` shows; what is not a positive number is page 1. */
export function deskPage(p: string | undefined): { readonly page: number; readonly skip: number } {
  const page = p !== undefined && /^[1-9]\d{0,6}$/.test(p) ? Number(p) : 1
  return { page, skip: (page - 1) * DESK_PAGE }
}

/** A list as it is answered. */
export const deskList = <Row>(rows: Row[], total: number, page: number) => ({
  rows,
  total,
  current_page: page,
  total_page: Math.ceil(total / DESK_PAGE),
})

/** What somebody typed, as a pattern of `like` that holds it anywhere: its own signs mean themselves. */
export const anywhere = (text: string): string => `%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
