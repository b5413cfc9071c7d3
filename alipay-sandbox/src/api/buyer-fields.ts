import type { Engine } from '../engine/engine.ts'
import { maskLogonId } from '../engine/masking.ts'
import type { Trade } from '../engine/model.ts'
import { openIdOf } from '../engine/open-id.ts'
import type { ApiResult } from './call.ts'

/** Who paid; nothing while no buyer has come. */
export function buyerFields(engine: Engine, trade: Trade): ApiResult {
  const buyer = engine.state.accounts.get(trade.buyerId ?? '')
  if (!buyer) return {}
  const logon = { buyer_logon_id: maskLogonId(buyer.logonId) }
  if (engine.state.settings.id_mode === 'user_id') return { ...logon, buyer_user_id: buyer.id }
  return { ...logon, buyer_open_id: openIdOf(trade.appId, buyer.id) }
}
