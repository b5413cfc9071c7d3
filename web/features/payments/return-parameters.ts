/**
 * The parameters with which Alipay sent the buyer back, as they stand in the address or, after they were taken out of
 * it, in this entry of the history: so a reload still knows them, and a later visit from a link does not.
 */
export function returnParameters(search: string, state: unknown): string | undefined {
  const inAddress = search.replace(/^\?/, '')
  if (inAddress !== '') return inAddress
  if (typeof state !== 'object' || state === null || !('paymentReturn' in state)) return undefined
  return typeof state.paymentReturn === 'string' ? state.paymentReturn : undefined
}
