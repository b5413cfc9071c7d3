import { createHash } from 'node:crypto'
import type { Engine } from './engine.ts'
import { type FaultKind, type FaultPhase, faultEntry } from './fault-kinds.ts'
import { faultId } from './ids.ts'
import type { Fault, FaultSpec, NotifyKind } from './model.ts'

/** What is about to happen, to be compared with the faults in wait. */
export type Occasion =
  | { readonly where: 'notify'; readonly event: NotifyKind; readonly outTradeNo: string }
  | { readonly where: 'api'; readonly method: string; readonly outTradeNo: string | undefined }
  | { readonly where: 'bill'; readonly outTradeNo?: string | undefined }

/** A fault that contradicts itself, such as a phase that its kind cannot be played in. */
export class BadFault extends Error {
  override readonly name = 'BadFault'
}

export function addFault(engine: Engine, spec: FaultSpec): Fault {
  const { phases } = faultEntry(spec.kind)
  if (spec.phase !== undefined && !phases?.includes(spec.phase)) {
    throw new BadFault(`${spec.kind} is not played ${spec.phase} the execution`)
  }
  if (spec.probability !== undefined && !(spec.probability >= 0 && spec.probability <= 1)) {
    throw new BadFault('probability: a number from 0 to 1 expected')
  }
  // Lateness ends by itself after its days, so it is not used up by asking.
  const times = spec.kind === 'bill_late' ? null : 1
  const fault: Fault = { times, ...spec, id: faultId(engine.random), used: 0, spared: 0 }
  engine.store.commit({ type: 'fault_added', at: engine.settledNow(), fault })
  return fault
}

/** False if there is no such fault. */
export function removeFault(engine: Engine, id: string): boolean {
  if (!engine.state.faults.has(id)) return false
  engine.store.commit({ type: 'fault_removed', at: engine.settledNow(), faultId: id })
  return true
}

/** When an API fault strikes. */
export const phaseOf = (fault: Fault): FaultPhase => fault.phase ?? faultEntry(fault.kind).phases?.[0] ?? 'after'

/** The first fault in wait that fits the occasion, counted as used. `only` narrows it to some kinds. */
export function takeFault(engine: Engine, occasion: Occasion, only?: (kind: FaultKind) => boolean): Fault | undefined {
  const at = engine.clock.nowMs()
  for (const fault of engine.state.faults.values()) {
    if ((only && !only(fault.kind)) || !fits(fault, occasion)) continue
    if (spares(fault)) {
      engine.store.commit({ type: 'fault_spared', at, faultId: fault.id })
      continue
    }
    engine.store.commit({ type: 'fault_used', at, faultId: fault.id })
    return fault
  }
  return undefined
}

function fits(fault: Fault, occasion: Occasion): boolean {
  const entry = faultEntry(fault.kind)
  if (entry.where !== occasion.where) return false
  if (typeof fault.times === 'number' && fault.used >= fault.times) return false
  if (occasion.where === 'api') {
    if (fault.method !== undefined && fault.method !== occasion.method) return false
    if (entry.method !== undefined && entry.method !== occasion.method) return false
  }
  if (occasion.where === 'notify' && fault.event !== undefined && fault.event !== occasion.event) return false
  return fault.outTradeNo === undefined || matches(fault.outTradeNo, occasion.outTradeNo ?? '')
}

/** The n-th throw of a fault depends on its seed and on n only, so a restart and a second run throw the same. */
function spares(fault: Fault): boolean {
  if (fault.probability === undefined || fault.probability >= 1) return false
  const thrown = createHash('sha256')
    .update(`${fault.seed ?? 0}/${fault.used + fault.spared}`)
    .digest()
  return thrown.readUInt32BE() / 0x1_0000_0000 >= fault.probability
}

/** `*` stands for any run of characters. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  const last = rest.pop() ?? ''
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let from = first.length
  for (const part of rest) {
    const found = text.indexOf(part, from)
    if (found < 0) return false
    from = found + part.length
  }
  return from <= text.length - last.length
}
