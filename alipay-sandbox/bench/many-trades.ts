import { openPage } from '../src/api/page-pay.ts'
import { openApps } from '../src/apps.ts'
import { openDataDir } from '../src/data-dir.ts'
import { RICH_BUYER } from '../src/engine/accounts.ts'
import { confirmCheckout, logIn, payCheckout } from '../src/engine/checkouts.ts'
import { Engine } from '../src/engine/engine.ts'
import { refundTrade } from '../src/engine/refunds.ts'
import { findTrade } from '../src/engine/trades.ts'
import { publicPem, readPrivateKey } from '../src/keys.ts'
import { loadKeys } from '../src/merchant-files.ts'

/** One in so many trades is told to a merchant, and one in so many is refunded in part. */
const NOTIFIED = 10
const REFUNDED = 20

/**
 * Fills a data directory with trades as buyers make them: open, log in, confirm, pay. Without signatures, which would
 * take longer than everything else and leave nothing behind. Answers the number of one trade in the middle.
 */
export async function fillWithTrades(directory: string, count: number): Promise<string> {
  const data = await openDataDir(directory)
  const keys = await loadKeys(directory, undefined)
  // Time passes quickly, so that the trades spread over days and the bills have something to show.
  let now = Date.now() - 5 * 86_400_000
  const engine = new Engine({
    journal: data.journal,
    past: data.past,
    baseClock: { now: () => new Date(now) },
    alipayPrivateKey: readPrivateKey(keys.alipayPrivateKey),
    transport: async () => ({ verdict: 'refused', httpStatus: 200, answer: 'success' }),
    onDefect: (error) => {
      throw error
    },
  })
  const app = openApps(engine, {}, publicPem(readPrivateKey(keys.appPrivateKey)))
  const buyer = [...engine.state.accounts.values()].find((account) => account.logonId === RICH_BUYER)
  if (!buyer) throw new Error('no buyer')
  for (let index = 0; index < count; index += 1) {
    now += 1000
    const at = engine.settledNow()
    const outTradeNo = `bench_${index}`
    const biz = { out_trade_no: outTradeNo, total_amount: '1.00', subject: '湖景房一晚', product_code: 'QUICK_WAP_WAY' }
    const params = index % NOTIFIED === 0 ? { notify_url: 'http://127.0.0.1:9/notify' } : {}
    const checkout = openPage({ engine, appId: app.id, sellerId: app.sellerId, params, biz, at, origin: '' }, 'wap')
    if ('kind' in checkout) throw new Error(checkout.text)
    logIn(engine, checkout, buyer, at)
    confirmCheckout(engine, checkout, at)
    payCheckout(engine, checkout, buyer, { password: buyer.payPassword, via: 'browser' }, at)
    if (index % REFUNDED === 0) {
      const trade = findTrade(engine, app.sellerId, { outTradeNo })
      if (trade) refundTrade(engine, trade, { outRequestNo: 'r', amountFen: 10 }, at)
    }
    if (index % 2000 === 0) await engine.scheduler.settle()
  }
  await engine.scheduler.settle()
  await engine.stop()
  await data.release()
  return `bench_${Math.floor(count / 2)}`
}
