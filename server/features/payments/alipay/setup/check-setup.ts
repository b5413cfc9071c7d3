import type { Clock } from '../../../../platform/clock.ts'
import { askAboutNothing } from './ask-about-nothing.ts'
import { checkNames, type Environment, type Finding } from './check-names.ts'
import { checkPayouts } from './check-payouts.ts'

/**
 * Looks at everything that taking and paying out money by Alipay needs, as far as it can be looked at without any. Nothing of
 * a key is in the findings. The gateway is asked once, and only when the keys can be used.
 */
export async function checkSetup(env: Environment, clock: Clock): Promise<Finding[]> {
  const { findings, setup } = checkNames(env)
  const asked: Finding[] = setup ? await askAboutNothing(setup, clock) : [{ level: 'note', code: 'not_asked' }]
  // What keeps payments from working keeps payouts from it too, and is said once.
  const works = asked.every(({ level }) => level !== 'wrong')
  return [...findings, ...asked, ...(await checkPayouts(env, works ? setup : undefined, clock))]
}
