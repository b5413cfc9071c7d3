import { hash, verify } from '@node-rs/argon2'

/** Argon2id at OWASP's lowest memory setting: about 14 ms of one core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export const hashPassword = (password: string): Promise<string> => hash(password, COST)

let decoy: Promise<string> | undefined

/** Whether the password fits. Without a hash the same work is done for nothing, so that the time tells nothing. */
export async function passwordFits(password: string, kept: string | undefined): Promise<boolean> {
  decoy ??= hashPassword('nobody has this password')
  const fits = await verify(kept ?? (await decoy), password).catch(() => false)
  return kept !== undefined && fits
}
