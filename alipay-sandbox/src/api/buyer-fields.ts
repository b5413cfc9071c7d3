import type { Engine } from '../engine/engine.ts'
import { maskLogonId } from '../engine/masking.ts'
import type { Trade } from '../engine/model.ts'
import type { ApiResult } from './call.ts'

/** Who paid; nothing while no buyer has come. */
export function buyerFields(engine: Engine, trade: Trade): ApiResult {
  const buyer = engine.state.accounts.get(trade.buyerId ?? '')
  return buyer ? { buyer_logon_id: maskLogonId(buyer.logonId), buyer_user_id: buyer.id } : {}
}
