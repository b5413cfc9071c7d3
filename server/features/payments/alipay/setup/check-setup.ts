import type { Clock } from '../../../../platform/clock.ts'
import { askAboutNothing } from './ask-about-nothing.ts'
import { checkNames, type Environment, type Finding } from './check-names.ts'

/**
 * Looks at everything that taking money by Alipay needs, as far as it can be looked at without taking any. Nothing of
 * a key is in the findings. The gateway is asked once, and only when the keys can be used.
 */
export async function checkSetup(env: Environment, clock: Clock): Promise<Finding[]> {
  const { findings, setup } = checkNames(env)
  if (!setup) return [...findings, { level: 'note', code: 'not_asked' }]
  return [...findings, ...(await askAboutNothing(setup, clock))]
}
