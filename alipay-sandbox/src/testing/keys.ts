import { generateKeys, type SandboxKeys } from '../keys.ts'

let pair: Promise<SandboxKeys> | undefined

/** A pair that all tests of a worker share, because making one takes longer than most of them. */
export function sharedKeys(): Promise<SandboxKeys> {
  pair ??= generateKeys()
  return pair
}
