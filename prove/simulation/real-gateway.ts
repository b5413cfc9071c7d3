import type { Answer, PaymentProvider } from '@ihome/server/features/payments/provider'
import { APP_ID, SELLER_ID } from '../fake-gateway.ts'
import type { FaultyGateway } from './faulty-gateway.ts'
import type { Answer as Said } from './world.ts'

/** The payment port of the server over as many faulty gateways as there are lives; each knows its own numbers. */
export function providerOver(gatewayOf: (outTradeNo: string) => FaultyGateway): PaymentProvider {
  const kept = <Fact>(answer: Said<Fact>): Answer<Fact> => ({ ...answer, raw: JSON.stringify(answer) })
  return {
    name: 'fake',
    appId: APP_ID,
    sellerId: SELLER_ID,
    openPage: async ({ outTradeNo }) =>
      kept({ kind: 'fact', fact: { url: `http://gateway.invalid/?out_trade_no=${outTradeNo}` } }),
    query: async (outTradeNo) => kept(gatewayOf(outTradeNo).query(outTradeNo)),
    close: async (outTradeNo) => kept(gatewayOf(outTradeNo).close(outTradeNo)),
    refund: async ({ outTradeNo, outRequestNo, amount }) =>
      kept(gatewayOf(outTradeNo).refund({ outTradeNo, outRequestNo, amountFen: amount })),
    queryRefund: async ({ outTradeNo, outRequestNo, amount }) =>
      kept(gatewayOf(outTradeNo).queryRefund({ outTradeNo, outRequestNo, amountFen: amount })),
    // What was kept of a notification is what the life wrote there; nobody forges anything here.
    parseNotify: (body) => JSON.parse(Buffer.from(body).toString('utf8')),
    parseReturn: () => ({ kind: 'forged', reason: 'not asked here' }),
  }
}
