import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { openDatabase } from './db.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { migrateToLatest } from './migrator.ts'

/** What a test needs to reach the database server of this run; handed from the global set-up to the workers. */
export interface TestServer {
  /** Owner's address of the server's maintenance database. */
  readonly adminUrl: string
  readonly appPassword: string
  /** The database's own log, when we started it. */
  readonly logFile: string | undefined
}

export const TEMPLATE = 'ihome_template'

/**
 * Starts one PostgreSQL for a run (or uses IHOME_TEST_DATABASE_URL), migrates the template database once and lets
 * `ihome_app` log in. fsync is off unless asked for: what a test writes need not survive a power cut.
 */
export async function startTestServer({ fsync = false } = {}): Promise<TestServer & { stop(): Promise<void> }> {
  const outside = process.env.IHOME_TEST_DATABASE_URL
  if (outside) {
    const server = { adminUrl: outside, appPassword: 'ihome-test', logFile: undefined }
    await makeTemplate(server)
    return { ...server, stop: async () => undefined }
  }
  const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-test-'))
  const postgres = await startEmbeddedPostgres({ dataDir, fsync, endWithParent: true, maxConnections: 300 })
  const server = {
    adminUrl: postgres.urlFor('ihome_owner', 'postgres'),
    appPassword: postgres.password,
    logFile: postgres.logFile,
  }
  await makeTemplate(server)
  return {
    ...server,
    async stop() {
      await postgres.stop()
      await fs.rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The address of another database on the same server. */
export function urlOf(adminUrl: string, database: string, login?: { user: string; password: string }): string {
  const url = new URL(adminUrl)
  url.pathname = `/${database}`
  if (login) {
    url.username = login.user
    url.password = login.password
  }
  return url.href
}

async function makeTemplate({ adminUrl, appPassword }: TestServer): Promise<void> {
  await asAdmin(adminUrl, async (admin) => {
    await admin.query(`drop database if exists ${TEMPLATE} with (force)`)
    await admin.query(`create database ${TEMPLATE} encoding 'UTF8' template template0`)
  })
  const { db } = openDatabase({ url: urlOf(adminUrl, TEMPLATE), poolSize: 1, statementTimeoutMs: 120_000 })
  try {
    await migrateToLatest(db)
  } finally {
    await db.destroy()
  }
  await asAdmin(adminUrl, async (admin) => {
    await admin.query(`alter role ihome_app login password ${pg.escapeLiteral(appPassword)}`)
  })
}

/** Runs `work` on one connection to the maintenance database. */
export async function asAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}
