import { checkSetup } from './features/payments/alipay/setup/check-setup.ts'
import { languageOf, lineOf } from './features/payments/alipay/setup/check-words.ts'
import { wallClock } from './platform/clock.ts'

/**
 * `npm run alipay:check`: says in plain words, Chinese or English by LANG, what of the environment's ALIPAY_* names is
 * right and what is wrong, and proves it with one signed question to the gateway about a trade that does not exist.
 * Gives the exit code: 0 when nothing is wrong.
 */
export async function main(
  _words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const language = languageOf(env)
  const findings = await checkSetup(env, wallClock)
  process.stdout.write(`${findings.map((finding) => lineOf(finding, language)).join('\n')}\n`)
  return findings.some(({ level }) => level === 'wrong') ? 1 : 0
}
