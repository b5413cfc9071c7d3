import { DEMO_PASSWORD } from '@ihome/e2e/demo'
import { addPeopleAndHouses } from '@ihome/e2e/fixture'
import type { World } from '@ihome/e2e/world'
import { DEFAULT_LIMITS } from '@ihome/server/platform/config'
import { type Answer, API, type Asker, dataOf, newAsker } from '../asker.ts'
import { SECRET, startWatchedWorld } from '../cast.ts'
import { inParallel } from '../crowd.ts'
import type { Goal, Trial } from '../goal.ts'
import { untilTrue } from '../order-flow.ts'
import { askCode, type SmsService, solvedCaptcha } from '../sms-service.ts'

/** `strangers` guess one person's password, each from an address of its own and `tries` times. */
const SIZES = {
  small: { guesses: 2_000, sends: 200, strangers: 60, tries: 4 },
  full: { guesses: 10_000, sends: 200, strangers: 200, tries: 15 },
}
const MOST_PER_CODE = 5
const MOST_PER_ADDRESS = 10
const MOST_PER_ACCOUNT = 100

/** The limits that this goal is about stand as they are; what would keep the run from putting them to the test does not. */
const ENV = {
  LOGIN_FAILURES_PER_ADDRESS: String(DEFAULT_LIMITS.loginFailuresPerAddress),
  TRUST_PROXY: '127.0.0.1',
}

interface Scene {
  readonly world: World
  readonly sms: SmsService
  readonly trial: Trial
  /** Strangers, at each instance one. */
  readonly strangers: readonly Asker[]
  readonly broken: string[]
}

/** G36: codes and passwords cannot be guessed, however many guess at once; their owner is never the one locked out. */
export const g36: Goal = {
  id: 'G36',
  title: 'Guessing',
  release: 2,
  needsShop: true,
  async prove(trial) {
    const { world, sms } = await startWatchedWorld({ instances: 2, env: ENV })
    try {
      const { guests } = await addPeopleAndHouses(world, { guests: 3, houses: 0 })
      const [guessed = '', asked = '', attacked = ''] = guests
      const strangers = world.servers.map((_, at) => newAsker(() => world.servers[at]?.origin ?? ''))
      for (const stranger of strangers) await stranger.ask('GET', `${API}/csrf`)
      const scene: Scene = { world, sms, trial, strangers, broken: [] }
      const evaluated = await guessOneCode(scene, guessed)
      const restarted = await guessAcrossRestart(scene, guessed)
      const sent = await sendAtOnce(scene, asked)
      const { perAccount, perAddress } = await guessPassword(scene, attacked)
      return {
        counts: {
          guesses: SIZES[trial.size].guesses,
          evaluated,
          evaluated_over_restart: restarted,
          sends: SIZES[trial.size].sends,
          messages: sent,
          wrong_per_account: perAccount,
          wrong_per_address: perAddress,
        },
        broken: scene.broken,
      }
    } finally {
      await world.stop()
    }
  },
}

/** Has a code sent to the phone and gives it, as its owner would read it. */
async function sendCode({ world, sms, strangers }: Scene, phone: string): Promise<string> {
  const [stranger] = strangers
  if (!stranger) throw new RangeError('nobody asks')
  // One message a minute and phone.
  await world.advance(61_000)
  const before = sms.taken.length
  const answer = await askCode(stranger, SECRET, phone, 'login')
  if (answer.status !== 202) throw new Error(`no code was sent: ${answer.text}`)
  const of = () => sms.taken.slice(before).find((message) => message.phone === phone)
  if (!(await untilTrue(async () => of() !== undefined, 20_000))) throw new Error('the code does not arrive')
  return of()?.params[0] ?? ''
}

/** Guesses at once, at every instance. Gives how many were looked at: only those are called wrong. */
async function guess({ strangers, broken }: Scene, phone: string, codes: readonly string[]): Promise<number> {
  const words = await inParallel(codes, 40, async (code, at) => {
    const stranger = strangers[at % strangers.length]
    const answer = await stranger?.ask('POST', `${API}/sessions/sms`, { json: { mobile: phone, sms_code: code } })
    return answer?.problem
  })
  const odd = words.filter((word) => word !== 'sms_code_wrong' && word !== 'sms_code_expired')
  if (odd.length > 0) broken.push(`S5 ${odd.length} guesses were answered with ${odd[0] ?? 'success'}`)
  return words.filter((word) => word === 'sms_code_wrong').length
}

const wrongCodes = ({ trial: { random } }: Scene, right: string, count: number): string[] =>
  Array.from({ length: count }, () => {
    const code = String(random.between(0, 999_999)).padStart(6, '0')
    return code === right ? '000000' : code
  })

async function guessOneCode(scene: Scene, phone: string): Promise<number> {
  const { world, trial, strangers, broken } = scene
  const code = await sendCode(scene, phone)
  const evaluated = await guess(scene, phone, wrongCodes(scene, code, SIZES[trial.size].guesses))
  const { rows } = await world.database.query<{ tries: number }>('select max(tries) as tries from audit.sms_codes')
  const tries = Math.max(evaluated, rows[0]?.tries ?? 0)
  if (tries > MOST_PER_CODE) broken.push(`S5 ${tries} guesses of one code were looked at`)
  const right = await strangers[0]?.ask('POST', `${API}/sessions/sms`, { json: { mobile: phone, sms_code: code } })
  if (right?.problem !== 'sms_code_expired')
    broken.push('S5 a code that was guessed five times still opens the account')
  return tries
}

/** Three guesses, a kill -9 of both instances, and twenty more. */
async function guessAcrossRestart(scene: Scene, phone: string): Promise<number> {
  const { world, broken } = scene
  const code = await sendCode(scene, phone)
  let evaluated = await guess(scene, phone, wrongCodes(scene, code, 3))
  for (const instance of world.servers.keys()) await world.crash(instance)
  evaluated += await guess(scene, phone, wrongCodes(scene, code, 20))
  if (evaluated > MOST_PER_CODE) broken.push(`S5 ${evaluated} guesses of one code were looked at over a restart`)
  return evaluated
}

/** So many wishes for one phone at the same moment are one message. */
async function sendAtOnce({ world, sms, trial, strangers, broken }: Scene, phone: string): Promise<number> {
  const turns = Array.from({ length: SIZES[trial.size].sends }, (_, turn) => turn)
  const of = (turn: number) => strangers[turn % strangers.length] ?? newAsker(() => world.origin)
  const captchas = await inParallel(turns, 20, (turn) => solvedCaptcha(of(turn), SECRET))
  const answers = await Promise.all(
    captchas.map((captcha, turn) =>
      of(turn).ask('POST', `${API}/sms_codes/${phone}`, { json: { ...captcha, purpose: 'login' } }),
    ),
  )
  const taken = answers.filter(({ status }) => status === 202).length
  if (taken !== 1) broken.push(`S6 ${taken} of ${turns.length} wishes at once were taken`)
  const odd = answers.find(({ status, problem }) => status !== 202 && problem !== 'sms_too_soon')
  if (odd) broken.push(`S6 a wish was answered with ${odd.status} ${odd.problem}`)
  const nothingWaits = async () => {
    const { rows } = await world.database.query<{ waiting: string }>(
      'select count(*) as waiting from audit.outbox where sent_at is null and dead_at is null',
    )
    return rows[0]?.waiting === '0'
  }
  if (!(await untilTrue(nothingWaits, 20_000))) broken.push('X3 messages wait for ever')
  const sent = sms.taken.filter((message) => message.phone === phone).length
  if (sent !== 1) broken.push(`S6 ${sent} messages were sent for ${turns.length} wishes at once`)
  return sent
}

/** Strangers who read every captcha try one account from everywhere; its owner has signed in on this device before. */
async function guessPassword(
  scene: Scene,
  phone: string,
): Promise<{ readonly perAccount: number; readonly perAddress: number }> {
  const { world, trial, strangers, broken } = scene
  const owner = newAsker(() => world.origin)
  await owner.ask('GET', `${API}/csrf`)
  dataOf(await signIn(owner, phone, DEMO_PASSWORD, '10.9.9.9'))
  await owner.ask('DELETE', `${API}/session`)
  const { strangers: people, tries } = SIZES[trial.size]
  const attempts = Array.from(
    { length: people * tries },
    (_, at) => `10.1.${Math.floor((at % people) / 250)}.${(at % people) % 250}`,
  )
  const wrong = new Map<string, number>()
  await inParallel(attempts, 40, async (address, at) => {
    const stranger = strangers[at % strangers.length] ?? owner
    const { problem } = await signIn(stranger, phone, `wrong password ${at}`, address)
    if (problem === 'login_failed') wrong.set(address, (wrong.get(address) ?? 0) + 1)
    else if (problem !== 'login_locked') broken.push(`S8 a wrong password was answered with ${problem ?? 'success'}`)
  })
  const perAccount = [...wrong.values()].reduce((sum, count) => sum + count, 0)
  const perAddress = Math.max(0, ...wrong.values())
  if (perAddress > MOST_PER_ADDRESS) broken.push(`G36 ${perAddress} wrong passwords from one address were looked at`)
  if (perAccount > MOST_PER_ACCOUNT) broken.push(`G36 ${perAccount} wrong passwords for one account were looked at`)
  const stranger = await signIn(strangers[0] ?? owner, phone, DEMO_PASSWORD, '10.8.8.8')
  if (stranger.problem !== 'login_locked')
    broken.push('G36 the account was not closed to devices that it does not know')
  const back = await signIn(owner, phone, DEMO_PASSWORD, '10.9.9.9')
  if (back.status !== 200) broken.push(`G36 the owner on a known device is kept out: ${back.problem}`)
  return { perAccount, perAddress }
}

async function signIn(asker: Asker, phone: string, password: string, address: string): Promise<Answer> {
  const captcha = await solvedCaptcha(asker, SECRET)
  const headers = { 'x-forwarded-for': address }
  return asker.ask('POST', `${API}/sessions`, { json: { mobile: phone, password, ...captcha }, headers })
}
