import type { Engine } from './engine.ts'
import { faultId } from './ids.ts'
import { FAULTS, type Fault, type FaultKind, type FaultSpec, type NotifyKind } from './model.ts'

/** What is about to happen, to be compared with the faults in wait. */
export type Occasion =
  | { readonly where: 'notify'; readonly event: NotifyKind; readonly outTradeNo: string }
  | { readonly where: 'api'; readonly method: string; readonly outTradeNo: string | undefined }

export function addFault(engine: Engine, spec: FaultSpec): Fault {
  const fault: Fault = { times: 1, ...spec, id: faultId(), used: 0 }
  engine.store.commit({ type: 'fault_added', at: engine.settledNow(), fault })
  return fault
}

/** False if there is no such fault. */
export function removeFault(engine: Engine, id: string): boolean {
  if (!engine.state.faults.has(id)) return false
  engine.store.commit({ type: 'fault_removed', at: engine.settledNow(), faultId: id })
  return true
}

/** The first fault in wait that fits the occasion, counted as used. `except` lists kinds that have struck already. */
export function takeFault(engine: Engine, occasion: Occasion, except: readonly FaultKind[] = []): Fault | undefined {
  for (const fault of engine.state.faults.values()) {
    if (except.includes(fault.kind) || !fits(fault, occasion)) continue
    engine.store.commit({ type: 'fault_used', at: engine.clock.nowMs(), faultId: fault.id })
    return fault
  }
  return undefined
}

function fits(fault: Fault, occasion: Occasion): boolean {
  if (FAULTS[fault.kind] !== occasion.where) return false
  if (typeof fault.times === 'number' && fault.used >= fault.times) return false
  if (occasion.where === 'api' && fault.method !== undefined && fault.method !== occasion.method) return false
  if (occasion.where === 'notify' && fault.event !== undefined && fault.event !== occasion.event) return false
  return fault.outTradeNo === undefined || matches(fault.outTradeNo, occasion.outTradeNo ?? '')
}

const matches = (pattern: string, text: string) =>
  pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern
