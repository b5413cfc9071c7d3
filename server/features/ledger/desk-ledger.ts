import type {
  LedgerEntries,
  LedgerEntryQuery,
  LedgerEntryView,
  LedgerView,
} from '@ihome/contract/schemas/operator-desk-ledger'
import { addDays, instantInShanghai, isCivilDate } from '@ihome/core/calendar'
import type { Deps } from '../../platform/deps.ts'
import { deskList, deskSpan } from '../../platform/desk-page.ts'
import { inputInvalid } from '../../platform/refusal.ts'
import {
  countTransactions,
  ENTRY_KEYS,
  type EntryFilter,
  type EntryRow,
  listEntries,
  sumAccounts,
  sumEntries,
} from './ledger-store.ts'

/** Accounts in which a debit is more: what we have, and what others owe us. In all others a credit is more. */
const DEBIT_IS_MORE: readonly string[] = ['CLEARING', 'GATEWAY_FEE', 'LOSS', 'HOST_RECEIVABLE']

/** Zero has no sign, whichever way it is turned. */
const turned = (fen: number): number => (fen === 0 ? 0 : -fen)

/** Every account as it stood at the end of a second, by default now (promises L9, G07). */
export async function readLedger(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  asked: string | undefined,
): Promise<LedgerView> {
  const at = asked === undefined ? clock.now() : endOfSecond(asked)
  const [rows, transactions] = await Promise.all([sumAccounts(db, at), countTransactions(db, at)])
  return {
    at: at.toISOString(),
    accounts: rows.map((row) => ({
      ...row,
      balance_fen: DEBIT_IS_MORE.includes(row.account) ? row.sum_fen : turned(row.sum_fen),
    })),
    sum_fen: rows.reduce((sum, { sum_fen }) => sum + sum_fen, 0),
    transactions,
  }
}

/** A whole second takes in all of its thousandths. */
function endOfSecond(text: string): Date {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw inputInvalid({ field: 'at', reason: 'is no instant' })
  return /\.\d/.test(text) ? at : new Date(at.getTime() + 999)
}

const viewOf = ({ tx_id, seq, posted_at, ...row }: EntryRow): LedgerEntryView => ({
  ...row,
  entry: `${tx_id}-${seq}`,
  posted_at: posted_at.toISOString(),
})

/**
 * Entries of an account, an order or a host, with their running sum: a statement. Days are Shanghai's, both inclusive.
 * Says no with `input_invalid`.
 */
export async function listEntriesForDesk({ db }: Pick<Deps, 'db'>, asked: LedgerEntryQuery): Promise<LedgerEntries> {
  const span = deskSpan(asked, ENTRY_KEYS)
  const filter: EntryFilter = {
    account: asked.account,
    owner: asked.owner,
    orderId: asked.order === undefined ? undefined : Number(asked.order),
    hostId: asked.host === undefined ? undefined : Number(asked.host),
    from: dayBegins('from', asked.from),
    until: asked.to === undefined ? undefined : dayBegins('to', asked.to, 1),
  }
  const [{ total, sum_fen }, rows] = await Promise.all([sumEntries(db, filter), listEntries(db, filter, span)])
  return { ...deskList(rows.map(viewOf), total, span.page, span.take), sum_fen }
}

function dayBegins(field: string, day: string | undefined, later = 0): Date | undefined {
  if (day === undefined) return undefined
  if (!isCivilDate(day)) throw inputInvalid({ field, reason: 'is no day' })
  return instantInShanghai(addDays(day, later), 0)
}
