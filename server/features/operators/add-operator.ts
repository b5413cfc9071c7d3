import type { OperatorRole } from '@ihome/contract/schemas/operators'
import type { Db } from '../../platform/db.ts'
import { endOperatorSessions, upsertOperator } from './store.ts'

export interface NewOperator {
  readonly login: string
  readonly role: OperatorRole
  readonly passwordHash: string
  readonly now: Date
}

/**
 * An operator under this login: a new one, or the one there is with another password and role, no authenticator and no
 * session. True for a new one.
 */
export const addOperator = (db: Db, operator: NewOperator): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    const { id, isNew } = await upsertOperator(tx, operator)
    await endOperatorSessions(tx, id, operator.now)
    return isNew
  })
