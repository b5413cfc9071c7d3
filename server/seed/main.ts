import { parseArgs } from 'node:util'
import { readPiiKeys } from '../platform/config.ts'
import { developmentSecrets } from '../platform/development.ts'
import type { SeedSize } from './plan-world.ts'
import { NotEmpty, seedDatabase } from './seed.ts'

const SIZES: readonly string[] = ['demo', 'small', 'full'] satisfies SeedSize[]

const isSize = (text: string): text is SeedSize => SIZES.includes(text)

/**
 * `npm run db:seed -- --size demo|small|full --seed N`: fills the empty database in DATABASE_URL and prints one JSON
 * object about it. Gives the exit code: 0 done, 1 refused, 2 asked in a way that cannot be understood.
 */
export async function main(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { size: { type: 'string', default: 'demo' }, seed: { type: 'string', default: '1' } },
  })
  if (!isSize(values.size) || !/^\d{1,9}$/.test(values.seed)) {
    console.error('Use: npm run db:seed -- --size demo|small|full --seed N')
    return 2
  }
  if (!env.DATABASE_URL) {
    console.error('DATABASE_URL is not set. An embedded database is seeded by npm start.')
    return 2
  }
  const dataDir = env.DATA_DIR || '.data'
  if (!env.PII_KEY && env.NODE_ENV === 'production') {
    console.error('PII_KEY is not set. It seals the real names of the hosts.')
    return 2
  }
  try {
    const piiKeys = readPiiKeys(env.PII_KEY || (await developmentSecrets(dataDir)).PII_KEY)
    const report = await seedDatabase({
      url: env.DATABASE_URL,
      size: values.size,
      seed: Number(values.seed),
      now: new Date(),
      uploadDir: env.UPLOAD_DIR || `${dataDir}/uploads`,
      piiKeys,
      ...(env.ALIPAY_APP_ID && env.ALIPAY_SELLER_ID
        ? { merchant: { appId: env.ALIPAY_APP_ID, sellerId: env.ALIPAY_SELLER_ID } }
        : {}),
    })
    console.log(JSON.stringify(report))
    return 0
  } catch (error) {
    if (!(error instanceof NotEmpty)) throw error
    console.error(error.message)
    return 1
  }
}
