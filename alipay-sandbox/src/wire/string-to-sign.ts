export type Params = Readonly<Record<string, string>>

/** ASCII order of keys, raw values, no empties. JavaScript's default sort compares UTF-16 units, which for ASCII keys is the same. */
function joined(params: Params, leftOut: readonly string[]): string {
  return Object.keys(params)
    .filter((key) => params[key] !== '' && !leftOut.includes(key))
    .sort()
    .map((key) => `${key}=${params[key]}`)
    .join('&')
}

/** What a merchant signs in a request: everything but `sign` itself; `sign_type` counts. */
export const requestStringToSign = (params: Params) => joined(params, ['sign'])

/** The "V1 rule" of async notifies and return addresses: `sign_type` does not count. */
export const v1StringToSign = (params: Params) => joined(params, ['sign', 'sign_type'])
