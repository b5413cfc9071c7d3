/** `139****0000` for a phone number, `abc***@example.com` for a mail address. */
export function maskLogonId(logonId: string): string {
  const at = logonId.indexOf('@')
  if (at >= 0) return `${logonId.slice(0, Math.min(3, at))}***${logonId.slice(at)}`
  return `${logonId.slice(0, 3)}****${logonId.slice(-4)}`
}
