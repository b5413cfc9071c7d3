/** One rule for every route: a mainland mobile number, nothing before or after it. */
export const PHONE_PATTERN = '^1[3-9]\\d{9}$'
const PHONE = new RegExp(PHONE_PATTERN)

export const isPhone = (text: string): boolean => PHONE.test(text)

/** `138****1234`: enough to recognise one's own, not enough to call another's. */
export const maskPhone = (phone: string): string => `${phone.slice(0, 3)}****${phone.slice(-4)}`
