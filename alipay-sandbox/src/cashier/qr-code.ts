import { type Html, html } from './html.ts'

/** Quiet zone that scanners want around a code, in modules. */
const QUIET = 4

/**
 * A QR code as a drawing that scales, dark on light in both themes, because half of all scanners fail at the inverse.
 * The encoder is loaded with the first code: most sandboxes never draw one.
 */
export async function qrCode(text: string, label: string): Promise<Html> {
  const { encode } = await import('./qr-encoder.ts')
  const { data } = encode(text, { ecc: 'M', border: QUIET })
  const path = data.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('')
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${data.length} ${data.length}" shape-rendering="crispEdges"><path class="qr-ground" d="M0 0h${data.length}v${data.length}H0z"/><path class="qr-dark" d="${path}"/></svg>`
}
