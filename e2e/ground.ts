import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { readPiiKeys } from '@ihome/server/platform/config'
import { asAdmin, startTestServer, TEMPLATE, type TestServer, urlOf } from '@ihome/server/platform/test-database'
import { seedDatabase } from '@ihome/server/seed/seed'
import { generateKeys, type SandboxKeys, startAlipaySandbox } from 'alipay-sandbox'

/**
 * What all worlds of one run may begin from, since making it takes longer than most of what happens in them: a database
 * server, the demo shop to clone, and a gateway to which nothing has happened yet. Plain data, so that it reaches workers.
 */
export interface Ground {
  readonly server: TestServer
  readonly demo: { readonly database: string; readonly uploadDir: string; readonly piiKey: string }
  readonly gateway: { readonly keys: SandboxKeys; readonly exported: string }
}

const DEMO = 'ihome_demo'

/**
 * How far from the clock of the machine a world begins: `WORLD_NOW=2027-02-28T15:58:00Z` shows how the tests fare a
 * little before midnight in Shanghai at the end of February.
 */
export function headStart(): number {
  const begin = process.env.WORLD_NOW
  if (begin === undefined) return 0
  const at = Date.parse(begin)
  if (Number.isNaN(at)) throw new Error('WORLD_NOW is no instant')
  return at - Date.now()
}

export const newPiiKey = (): string => `test:${randomBytes(32).toString('base64')}`

/** Whoever lays it stops it after the last world. */
export async function layGround(): Promise<Ground & { stop(): Promise<void> }> {
  const { stop: stopServer, ...server } = await startTestServer()
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-ground-'))
  const stop = async () => {
    await stopServer()
    await fs.rm(dir, { recursive: true, force: true })
  }
  const now = new Date(Date.now() + headStart())
  try {
    const { merchant, ...gateway } = await beginGateway(now)
    const demo = { database: DEMO, uploadDir: path.join(dir, 'uploads'), piiKey: newPiiKey() }
    await asAdmin(server.adminUrl, async (admin) => {
      await admin.query(`drop database if exists ${DEMO} with (force)`)
      await admin.query(`create database ${DEMO} template ${TEMPLATE}`)
    })
    await seedDatabase({
      url: urlOf(server.adminUrl, DEMO),
      size: 'demo',
      seed: 1,
      now,
      uploadDir: demo.uploadDir,
      piiKeys: readPiiKeys(demo.piiKey),
      merchant,
    })
    return { server, demo, gateway, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The seed names the merchant, so every world needs the same one: its gateway begins from this export. */
async function beginGateway(now: Date) {
  const keys = await generateKeys()
  const sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: { now: () => now } })
  try {
    return { keys, exported: sandbox.control.exportState().toString('base64'), merchant: sandbox.merchant }
  } finally {
    await sandbox.stop()
  }
}
