import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AlipaySdk } from 'alipay-sdk'

export interface Order {
  readonly outTradeNo: string
  readonly product?: 'wap' | 'page'
  /** `null` leaves the parameter out. */
  readonly returnUrl?: string | null
  readonly biz?: Readonly<Record<string, string>>
}

export interface FakeMerchant {
  readonly origin: string
  /** Bodies of the notifies so far, decoded. */
  readonly notifies: Record<string, string>[]
  /** Addresses that browsers have asked for. */
  readonly visits: string[]
  /** The address to send a buyer to, for 776.05 yuan, signed by alipay-sdk as every shop does. */
  payUrl(sdk: AlipaySdk, order: Order): string
  stop(): Promise<void>
}

/** A shop for tests: acknowledges every notify and remembers who came back. */
export async function startMerchant(): Promise<FakeMerchant> {
  const notifies: Record<string, string>[] = []
  const visits: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    if (request.method === 'POST') notifies.push(Object.fromEntries(new URLSearchParams(body)))
    else visits.push(request.url ?? '')
    response.end('success')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    notifies,
    visits,
    payUrl: (sdk, { outTradeNo, product = 'wap', returnUrl = `${origin}/pay-complete`, biz = {} }) =>
      sdk.pageExecute(`alipay.trade.${product}.pay`, 'GET', {
        notifyUrl: `${origin}/notify`,
        ...(returnUrl === null ? {} : { returnUrl }),
        bizContent: {
          out_trade_no: outTradeNo,
          total_amount: '776.05',
          subject: '胡同里的一间房 a+b c%房😀',
          product_code: product === 'wap' ? 'QUICK_WAP_WAY' : 'FAST_INSTANT_TRADE_PAY',
          ...(product === 'wap' ? { quit_url: `${origin}/orders` } : {}),
          ...biz,
        },
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
