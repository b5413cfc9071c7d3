import { countUse } from '../../platform/rate-limits.ts'
import { actOnFact, applyGatewayFact, type IncomingFact } from './apply-gateway-fact.ts'
import { listUndoneNotices, sha256, storeFact, type UndoneFact } from './fact-store.ts'
import { type PaymentNeeds, providersOf } from './payment-needs.ts'
import type { Notice, PaymentProvider } from './provider.ts'

/** Why a notification was refused; undefined when it is taken and need not come again. */
export type NoticeRefusal = string | undefined

/**
 * Takes one notification of a gateway from its raw body. Everything is kept, also what is forged; only a genuine one
 * about our app, our account and our attempt is acted on, and the answer is given after the commit (P12, ALI-11).
 */
export async function takeNotice(
  needs: PaymentNeeds,
  body: Uint8Array,
  provider: PaymentProvider = needs.provider,
): Promise<NoticeRefusal> {
  const notice = provider.parseNotify(body)
  if (notice.kind !== 'genuine') {
    await keepRefused(needs, notice, body)
    return notice.reason
  }
  const { effect } = await applyGatewayFact(needs, { ...factOf(notice, body), provider: provider.name })
  return effect === 'rejected' ? 'identity' : undefined
}

const factOf = (notice: Extract<Notice, { kind: 'genuine' }>, raw: Uint8Array | string): IncomingFact => ({
  entrance: 'notify',
  noticeId: notice.noticeId,
  outTradeNo: notice.fact.outTradeNo,
  says: { kind: 'trade', fact: notice.fact },
  appId: notice.appId,
  sellerId: notice.sellerId,
  raw,
})

/**
 * Under the hash of its bytes: a stranger must not be able to take the id of a message that is still to come. Of what
 * proves nothing only so many are kept in an hour, since anybody may send it and nothing deletes it.
 */
async function keepRefused(
  needs: PaymentNeeds,
  notice: Exclude<Notice, { kind: 'genuine' }>,
  body: Uint8Array,
): Promise<void> {
  const genuine = notice.kind === 'malformed' && notice.genuine
  if (!genuine) {
    const allowance = { key: 'notify:unproven', limit: needs.config.limits.unprovenNoticesPerHour, windowS: 3_600 }
    if (!(await countUse(needs.db, allowance, needs.clock.now())).open) return
  }
  needs.log.warn({ reason: notice.reason, bytes: body.byteLength }, 'notify_rejected')
  await storeFact(
    needs.db,
    {
      entrance: 'notify',
      noticeId: `refused:${sha256(body)}`,
      kind: 'unknown',
      verified: genuine,
      outTradeNo: notice.kind === 'malformed' ? notice.outTradeNo : undefined,
      rejectReason: notice.reason,
      raw: body,
    },
    needs.clock.now(),
  )
}

const RESUME_AFTER_MS = 60_000
const BATCH = 50

/**
 * Finishes notifications that were kept but not acted on; gives how many it finished. One that fails is logged and
 * left for the next look, so that it cannot keep the others waiting.
 */
export async function resumeNotices(needs: PaymentNeeds): Promise<number> {
  const now = needs.clock.now()
  const before = new Date(now.getTime() - RESUME_AFTER_MS)
  let count = 0
  // Through all of them, batch by batch: those that stay undone would fill the first one for ever.
  for (let after = 0; ; ) {
    const facts = await listUndoneNotices(needs.db, before, { after, limit: BATCH })
    for (const fact of facts) if (await resumeOne(needs, fact, now)) count += 1
    const last = facts.at(-1)
    if (!last || facts.length < BATCH) return count
    after = last.id
  }
}

async function resumeOne(needs: PaymentNeeds, fact: UndoneFact, now: Date): Promise<boolean> {
  const notice = genuineNotice(needs, fact)
  if (!notice) return false
  try {
    const { effect } = await actOnFact(needs, fact.id, factOf(notice, fact.raw), now)
    return effect !== 'none'
  } catch (error) {
    needs.log.error({ fact_id: fact.id, err: error }, 'notice_not_resumed')
    return false
  }
}

/** What is kept does not say who sent it; its signature does. */
function genuineNotice(needs: PaymentNeeds, { raw, received_at }: UndoneFact) {
  for (const provider of providersOf(needs)) {
    const notice = provider.parseNotify(Buffer.from(raw), received_at)
    if (notice.kind === 'genuine') return notice
  }
  return undefined
}
