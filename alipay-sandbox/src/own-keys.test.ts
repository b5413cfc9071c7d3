import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlipaySdk } from 'alipay-sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, AppMismatch, generateKeys, type SandboxKeys, startAlipaySandbox } from './index.ts'
import { bare, pkcs1, publicPem, readPrivateKey } from './keys.ts'
import { buildProgram, runProgram, startProgram } from './testing/program.ts'

const APP_ID = '2021000000000001'
let keys: SandboxKeys
let merchantKey: { readonly privatePem: string; readonly publicPem: string }
let home: string
let directory: string
beforeAll(async () => {
  const [ours, theirs] = await Promise.all([generateKeys(), generateKeys()])
  keys = { ...ours, rootPrivateKey: theirs.alipayPrivateKey }
  const key = readPrivateKey(theirs.appPrivateKey)
  merchantKey = { privatePem: pkcs1(key), publicPem: publicPem(key) }
  home = await mkdtemp(join(tmpdir(), 'alipay-sandbox-own-'))
})
beforeEach(async () => {
  directory = await mkdtemp(join(home, 'data-'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** A query by the SDK, verified: the signature of the request is what is tried here. */
async function ask(sandbox: AlipaySandbox, config: Partial<ConstructorParameters<typeof AlipaySdk>[0]>) {
  const sdk = new AlipaySdk({ ...sandbox.sdkConfig, privateKey: merchantKey.privatePem, ...config })
  return sdk.exec('alipay.trade.query', { bizContent: { out_trade_no: 'own1' } }, { validateSign: true })
}

describe('own keys', () => {
  test('SBX-73 an existing key pair works unchanged, in both modes, and the sandbox never has the private key', async () => {
    const own = { appId: APP_ID, appPublicKey: bare(merchantKey.publicPem) }
    await using sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, ...own })
    expect(sandbox.merchant).toMatchObject({ appId: APP_ID, appPrivateKey: '', appPublicKeyPem: merchantKey.publicPem })
    expect(await ask(sandbox, {})).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' })
    expect(await ask(sandbox, await withOwnKey(sandbox))).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' })
    const wrong = { privateKey: keys.appPrivateKey }
    expect(await ask(sandbox, wrong)).toMatchObject({ subCode: 'isv.invalid-signature' })
  })

  test('SBX-73 several apps with keys of their own work side by side, each with its certificate', async () => {
    const seller = { role: 'seller' as const, logonId: 'second@example.com', displayName: '第二商家' }
    const apps = [
      { id: APP_ID, publicKey: merchantKey.publicPem },
      { id: '2021000000000002', publicKey: merchantKey.publicPem, seller: seller.logonId },
    ]
    await using sandbox = await startAlipaySandbox({ port: 0, dataDir: directory, keys, apps, accounts: [seller] })
    expect(sandbox.control.apps().map((app) => app.id)).toEqual([sandbox.merchant.appId, ...apps.map((app) => app.id)])
    expect(new Set(sandbox.control.apps().map((app) => app.sellerId)).size).toBe(2)
    for (const { id: appId } of apps) {
      expect(await ask(sandbox, { appId })).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' })
      const { appCert } = await sandbox.certificates(appId)
      expect(await readFile(join(directory, 'keys', `app-cert-${appId}.crt`), 'utf8')).toBe(appCert)
    }
    expect(await ask(sandbox, { privateKey: sandbox.merchant.appPrivateKey })).toMatchObject({
      subCode: 'ACQ.TRADE_NOT_EXIST',
    })
  })

  test('SBX-73 a directory that has an app takes another one with its own key, once; a changed key is refused', async () => {
    const start = (more: object) => startAlipaySandbox({ port: 0, dataDir: directory, keys, ...more })
    const first = await start({})
    const made = first.merchant
    await first.stop()
    const own = { appId: APP_ID, appPublicKey: merchantKey.publicPem }
    for (let times = 0; times < 2; times += 1) {
      const again = await start(own)
      expect(again.merchant).toMatchObject({ appId: APP_ID, sellerId: made.sellerId, appPrivateKey: '' })
      expect(again.control.apps()).toHaveLength(2)
      expect(again.files).not.toHaveProperty('appPrivateKeyFile')
      await again.stop()
    }
    const without = await start({})
    expect(without.merchant).toEqual(made)
    await without.stop()
    await expect(start({ appId: made.appId, appPublicKey: merchantKey.publicPem })).rejects.toThrow(AppMismatch)
    await expect(start({ appPublicKey: 'nonsense' })).rejects.toThrow(AppMismatch)
    await expect(
      start({ apps: [{ id: '2021000000000009', publicKey: merchantKey.publicPem, seller: 'nobody' }] }),
    ).rejects.toThrow(AppMismatch)
  })
})

async function withOwnKey(sandbox: AlipaySandbox) {
  return { ...(await sandbox.certSdkConfig()), privateKey: merchantKey.privatePem }
}

describe('the files of a data directory', () => {
  test('SBX-72 merchant.json and merchant.env name the certificates, are 0600 and hold no private key', async () => {
    await using sandbox = await startAlipaySandbox({ port: 0, dataDir: directory, keys })
    const { files } = sandbox
    const { appCert, alipayCert, alipayRootCert } = await sandbox.certificates()
    for (const [path, content] of [
      [files?.appCertFile, appCert],
      [files?.alipayCertFile, alipayCert],
      [files?.alipayRootCertFile, alipayRootCert],
    ] as const) {
      expect(await readFile(path ?? '', 'utf8')).toBe(content)
    }
    const names = [
      'merchant.json',
      'merchant.env',
      ...(await readdir(join(directory, 'keys'))).map((name) => `keys/${name}`),
    ]
    for (const name of names) expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600)
    for (const name of ['merchant.json', 'merchant.env']) {
      const text = await readFile(join(directory, name), 'utf8')
      expect(text).toContain(files?.appCertFile)
      expect(text).toContain(files?.alipayRootCertFile)
      expect(text).toContain((await sandbox.certificates()).appCertSn)
      expect(text).not.toContain('PRIVATE KEY')
      expect(text).not.toContain(sandbox.merchant.encryptKey)
    }
  })

  test('SBX-56 a directory of an earlier version gets what it lacks, and keeps it', async () => {
    const start = () => startAlipaySandbox({ port: 0, dataDir: directory })
    const first = await start()
    const before = first.merchant
    await first.stop()
    for (const name of await readdir(join(directory, 'keys'))) {
      if (/cert|root/.test(name)) await rm(join(directory, 'keys', name))
    }
    const second = await start()
    expect(second.merchant).toEqual(before)
    const made = await second.certificates()
    await second.stop()
    const third = await start()
    expect(await third.certificates()).toEqual(made)
    expect(await readFile(third.files?.alipayRootCertFile ?? '', 'utf8')).toBe(made.alipayRootCert)
    await third.stop()
  })

  test('SBX-82 a key directory or a private key that others can read is refused, without a word of the key', async () => {
    const start = () => startAlipaySandbox({ port: 0, dataDir: directory, keys })
    await (await start()).stop()
    await chmod(join(directory, 'keys'), 0o750)
    await expect(start()).rejects.toThrow(/readable by others; run: chmod 700/)
    await chmod(join(directory, 'keys'), 0o700)
    for (const name of ['app-private.pem', 'alipay-private.pem', 'root-private.pem']) {
      const path = join(directory, 'keys', name)
      await chmod(path, 0o644)
      const refused = await start().catch((error: unknown) => String(error))
      expect(refused).toContain(`chmod 600 ${path}`)
      expect(refused).not.toContain('BEGIN')
      await chmod(path, 0o600)
    }
    await (await start()).stop()
  })
})

describe('the command line', () => {
  let program: string
  beforeAll(async () => {
    program = await buildProgram()
  }, 60_000)

  test('SBX-73 SBX-81 --app-id, --app-public-key, apps in the config file and --tls-port do what they say', async () => {
    const keyFile = join(directory, 'public.pem')
    await writeFile(keyFile, merchantKey.publicPem)
    const config = join(directory, 'config.json')
    await writeFile(config, JSON.stringify({ apps: [{ id: '2021000000000003', public_key_file: 'public.pem' }] }))
    const data = join(directory, 'data')
    const args = ['--data', data, '--config', config, '--app-id', APP_ID, '--app-public-key', keyFile]
    const { summary, child, ended } = await startProgram(
      program,
      ...args,
      '--tls-port',
      '0',
      '--tls-hosts',
      'a.example',
    )
    expect(summary).toMatchObject({
      app_id: APP_ID,
      tls_gateway: expect.stringMatching(/^https:\/\/a\.example:\d+\/gate/),
    })
    expect(summary).not.toHaveProperty('app_private_key_file')
    expect(await readFile(summary.tls_ca_file ?? '', 'utf8')).toContain('BEGIN CERTIFICATE')
    const apps = await (await fetch(`${summary.control}/apps`)).json()
    expect(apps.map((app: { id: string }) => app.id)).toEqual([APP_ID, '2021000000000003'])
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const shown = await runProgram(program, 'config', '--format', 'node', '--data', data)
    expect(shown.out).toContain(summary.app_cert_file)
    for (const wrong of [
      ['--app-id', '12'],
      ['--tls-hosts', 'a.example'],
      ['--tls-port', 'x'],
    ]) {
      expect((await runProgram(program, '--memory', ...wrong)).code, wrong.join(' ')).toBe(2)
    }
    const missing = await runProgram(program, '--memory', '--app-public-key', join(directory, 'none.pem'))
    expect(missing).toMatchObject({ code: 1, out: '' })
    await writeFile(config, JSON.stringify({ apps: [{ id: '2021000000000003' }] }))
    expect((await runProgram(program, '--memory', '--config', config)).err).toContain('public_key_file')
  }, 60_000)
})
