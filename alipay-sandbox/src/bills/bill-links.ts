import { randomBytes } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import { takeFault } from '../engine/faults.ts'
import type { HttpAnswer } from '../wire/gateway.ts'
import { type BillName, billZip, rowsOf, spoiltRows, zipName } from './bill.ts'
import { compactPeriod } from './period.ts'

export const BILL_DOWNLOAD_PATH = '/downloadBillFile.resource'

interface Link {
  readonly bill: BillName
  /** On the process clock: a merchant has so many real seconds, however fast virtual time runs. */
  readonly until: number
  /** Made at the first download; the same bytes for as long as the link lives. */
  bytes?: Promise<Buffer>
}

/** Download addresses that are handed out: unguessable, without a login, and dead after `bill_link_ttl`. */
export class BillLinks {
  readonly #engine: Engine
  readonly #links = new Map<string, Link>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Path and query of a new address; the query has the parameters of the real one. */
  issue(bill: BillName): string {
    const { clock, state } = this.#engine
    const now = this.#forgetDead()
    const token = randomBytes(24).toString('base64url')
    this.#links.set(token, { bill, until: now + state.settings.bill_link_ttl * 1000 })
    const query = new URLSearchParams({
      bizType: bill.type,
      userId: bill.sellerId,
      fileType: 'csv.zip',
      bizDates: compactPeriod(bill.period),
      downloadFileName: zipName(bill),
      timestamp: String(clock.nowMs()),
      token,
    })
    return `${BILL_DOWNLOAD_PATH}?${query}`
  }

  async download(query: URLSearchParams): Promise<HttpAnswer> {
    this.#forgetDead()
    const link = this.#links.get(query.get('token') ?? '')
    if (!link) return DEAD
    link.bytes ??= this.#make(link.bill)
    const body = await link.bytes
    const headers = {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${zipName(link.bill)}"`,
      'cache-control': 'no-store',
    }
    return { status: 200, headers, body }
  }

  #forgetDead(): number {
    const now = this.#engine.clock.realNowMs()
    for (const [token, link] of this.#links) if (link.until <= now) this.#links.delete(token)
    return now
  }

  async #make(bill: BillName): Promise<Buffer> {
    const engine = this.#engine
    engine.settledNow()
    const rows = spoiltRows(engine, rowsOf(engine, bill))
    const cut = takeFault(engine, { where: 'bill' }, (kind) => kind === 'bill_truncated')
    await engine.store.durable()
    const bytes = await billZip(engine, bill, rows)
    return cut ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes
  }
}

const DEAD: HttpAnswer = {
  status: 403,
  headers: { 'content-type': 'text/plain;charset=utf-8' },
  body: '下载地址无效或已过期，请重新查询。 This address is unknown or too old; query again.\n',
}
