/** A column of a list at the desk. */
export interface DeskColumn<Row> {
  readonly words: string
  /** Stands at the right, as figures do. */
  readonly figure?: boolean
  /** The name under which the server can order the list by it. */
  readonly sort?: string
  /** What stands in the file; a column without it, such as one of buttons, stays on the screen. */
  readonly cell?: (row: Row) => string
}
