import type { Tx } from '../../platform/db.ts'

export interface OperatorAction {
  readonly operatorId: number
  readonly at: Date
  /** What was done: `home_taken_down`, `phone_revealed`. */
  readonly kind: string
  /** What it was done to: `house:7`. */
  readonly subject?: string | undefined
  /** In the operator's words. */
  readonly reason?: string | undefined
  /** What changed, without personal data. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>
}

/** Writes down what an operator did, in the transaction that does it. The table takes rows and gives none back. */
export async function recordAction(tx: Tx, action: OperatorAction): Promise<void> {
  await tx
    .insertInto('operator_actions')
    .values({
      operator_id: action.operatorId,
      at: action.at,
      kind: action.kind,
      subject: action.subject ?? null,
      reason: action.reason ?? null,
      detail: JSON.stringify(action.detail ?? {}),
    })
    .execute()
}
