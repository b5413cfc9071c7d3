import { type SayFrom, sayFrom } from './say.ts'
import { zh } from './zh.ts'
import { zhSignedIn } from './zh-signed-in.ts'

const texts = { ...zh, ...zhSignedIn }
export type SignedInSay = SayFrom<typeof texts>

const say: SignedInSay = sayFrom(texts)

/** `useSay` with the words of the pages behind the login added. */
export const useSignedInSay = (): SignedInSay => say
