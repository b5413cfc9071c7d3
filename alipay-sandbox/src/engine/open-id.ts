import { createHash } from 'node:crypto'

/** How an app knows an account that hides its user id: 47 letters and digits, another one for every app. */
export function openIdOf(appId: string, accountId: string): string {
  const hash = createHash('sha512').update(`${appId}/${accountId}`).digest('base64')
  return `0${hash.replace(/[^0-9A-Za-z]/g, '').slice(0, 46)}`
}
