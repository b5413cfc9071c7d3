import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { OperatorRole } from '@ihome/contract/schemas/operators'
import { Value } from 'typebox/value'
import { hashPassword } from './features/accounts/passwords.ts'
import { addOperator } from './features/operators/add-operator.ts'
import { openDatabase } from './platform/db.ts'

const USAGE =
  'usage: npm run operator:add -- --login NAME --role support|content|finance|admin\n' +
  'DATABASE_URL names the database, with a login that may write operators.\n'

/**
 * `npm run operator:add`: makes an operator and prints a password, once; whoever has it sets up an authenticator at the
 * first sign-in. For a login that exists it sets a new password and takes the authenticator away, so that somebody who
 * has lost a phone gets in again. Gives the exit code.
 */
export async function main(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: { login: { type: 'string' }, role: { type: 'string', default: 'support' } },
  })
  const { login, role } = values
  if (!env.DATABASE_URL || !login || !Value.Check(OperatorRole, role)) {
    process.stderr.write(USAGE)
    return 2
  }
  const password = randomBytes(12).toString('base64url')
  const { db } = openDatabase({ url: env.DATABASE_URL, poolSize: 1 })
  try {
    const isNew = await addOperator(db, { login, role, passwordHash: await hashPassword(password), now: new Date() })
    process.stdout.write(`${JSON.stringify({ login, role, password, new: isNew })}\n`)
    return 0
  } finally {
    await db.destroy()
  }
}
