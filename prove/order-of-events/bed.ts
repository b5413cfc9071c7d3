import { generateKeyPairSync } from 'node:crypto'
import { orderPayments } from '@ihome/server/features/payments/order-payments'
import type { PaymentNeeds } from '@ihome/server/features/payments/payment-needs'
import { readConfig } from '@ihome/server/platform/config'
import { openDatabase, transactor } from '@ihome/server/platform/db'
import { createEvents } from '@ihome/server/platform/events'
import { silentLog } from '@ihome/server/platform/log'
import { openFiles } from '@ihome/server/platform/open-files'
import { systemRandom } from '@ihome/server/platform/random'
import { asAdmin, startTestServer, TEMPLATE, urlOf } from '@ihome/server/platform/test-database'
import pg from 'pg'
import { createFakeGateway, type FakeGateway } from '../fake-gateway.ts'

/** A database, the payments in this process, and a gateway that is only a book. */
export interface Bed {
  readonly needs: PaymentNeeds & { readonly payments: typeof orderPayments }
  readonly gateway: FakeGateway
  /** The owner's connection, which sees everything. */
  readonly database: pg.Pool
  /** Stands still until it is set. */
  setClock(at: Date): void
  stop(): Promise<void>
}

const CONNECTIONS = 20

export async function openBed(): Promise<Bed> {
  const server = await startTestServer()
  await asAdmin(server.adminUrl, (admin) => admin.query(`create database events template ${TEMPLATE}`))
  const url = urlOf(server.adminUrl, 'events', { user: 'ihome_app', password: server.appPassword })
  const { db } = openDatabase({ url, poolSize: CONNECTIONS })
  const database = new pg.Pool({ connectionString: urlOf(server.adminUrl, 'events'), max: 2 })
  const gateway = createFakeGateway()
  const config = configOf(url)
  let now = new Date()
  return {
    gateway,
    database,
    needs: {
      config,
      files: openFiles(config),
      db,
      transact: transactor(db),
      clock: { now: () => now },
      log: silentLog,
      random: systemRandom,
      events: createEvents((error) => {
        throw error
      }),
      provider: gateway.provider,
      payments: orderPayments,
    },
    setClock(at) {
      now = at
    },
    async stop() {
      await Promise.all([db.destroy(), database.end()])
      await asAdmin(server.adminUrl, (admin) => admin.query('drop database if exists events with (force)'))
      await server.stop()
    },
  }
}

/** Nothing of it is used but the limits and the origin; the rest only has to be readable. */
function configOf(url: string) {
  const pem = { publicKey: { type: 'spki', format: 'pem' }, privateKey: { type: 'pkcs8', format: 'pem' } } as const
  const [ours, theirs] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
  if (!ours || !theirs) throw new Error('no keys')
  return readConfig({
    PUBLIC_ORIGIN: 'http://127.0.0.1:3000',
    DATABASE_URL: url,
    SESSION_SECRET: 'nobody-signs-in-here-0123456789abcdef',
    PII_KEY: `none:${Buffer.alloc(32).toString('base64')}`,
    ALIPAY_GATEWAY: 'http://gateway.invalid',
    ALIPAY_APP_ID: '2021000000000005',
    ALIPAY_SELLER_ID: '2088000000000005',
    ALIPAY_PUBLIC_KEY: theirs.publicKey.export(pem.publicKey).toString(),
    APP_PRIVATE_KEY: ours.privateKey.export(pem.privateKey).toString(),
  })
}
