/** Fen as people read them: `￥19.99`, `￥1,256`. The cents are dropped only when there are none. */
export function yuan(fen: number): string {
  const whole = String(Math.floor(fen / 100)).replace(/\B(?=(\d{3})+$)/g, ',')
  const cents = fen % 100
  return cents === 0 ? `￥${whole}` : `￥${whole}.${String(cents).padStart(2, '0')}`
}
