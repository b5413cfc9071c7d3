import { CERTIFICATE_DOWNLOAD, certificateDownload } from '../certificates/download.ts'
import type { Product } from '../engine/model.ts'
import { commonQuery } from '../transfers/common-query.ts'
import { uniTransfer } from '../transfers/uni-transfer.ts'
import { billUrl } from './bill-url.ts'
import type { ApiMethod } from './call.ts'
import { refundQuery } from './refund-query.ts'
import { tradeClose } from './trade-close.ts'
import { tradeQuery } from './trade-query.ts'
import { tradeRefund } from './trade-refund.ts'

/** Methods that a merchant's server calls. */
export const SERVER_METHODS: Readonly<Record<string, ApiMethod>> = {
  'alipay.trade.query': tradeQuery,
  'alipay.trade.close': tradeClose,
  'alipay.trade.refund': tradeRefund,
  'alipay.trade.fastpay.refund.query': refundQuery,
  'alipay.data.dataservice.bill.downloadurl.query': billUrl,
  [CERTIFICATE_DOWNLOAD]: certificateDownload,
  'alipay.fund.trans.uni.transfer': uniTransfer,
  'alipay.fund.trans.common.query': commonQuery,
}

/** Methods that the buyer's browser opens. */
export const PAGE_METHODS: Readonly<Record<string, Product>> = {
  'alipay.trade.wap.pay': 'wap',
  'alipay.trade.page.pay': 'page',
}

export const simulates = (method: string) =>
  Object.hasOwn(SERVER_METHODS, method) || Object.hasOwn(PAGE_METHODS, method)
