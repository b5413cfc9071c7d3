import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const source = join(import.meta.dirname, '..')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
/** Nothing may be fetched and nothing may be asked. */
const OFFLINE = ['--offline', '--no-audit', '--no-fund', '--no-update-notifier']

let home: string
let tarball: string
let files: readonly string[]
/** An empty folder into which the tarball was installed. */
let shop: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'alipay-sandbox-pack-'))
  const copy = join(home, 'package')
  await mkdir(copy)
  // Beside the source, not in it: whoever uses the built package meanwhile is not disturbed.
  for (const name of await readdir(source)) {
    if (!['.cache', 'dist', 'node_modules'].includes(name))
      await cp(join(source, name), join(copy, name), { recursive: true })
  }
  await run(process.execPath, [tsc, '-p', source, '--outDir', join(copy, 'dist'), '--noCheck'])
  await run(process.execPath, [join(source, 'scripts', 'bundle-qr.mjs'), join(copy, 'dist')])
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home], { cwd: copy })
  const [{ filename, files: packedFiles }] = JSON.parse(packed.stdout)
  tarball = join(home, filename)
  files = packedFiles.map((file: { path: string }) => file.path)
  shop = join(home, 'shop')
  await mkdir(shop)
  await writeFile(join(shop, 'package.json'), '{"name":"shop","version":"1.0.0","private":true,"type":"module"}')
  await run('npm', ['install', ...OFFLINE, '--cache', join(home, 'empty-cache'), tarball], { cwd: shop })
}, 120_000)
afterAll(() => rm(home, { recursive: true, force: true }))

describe('the package as npm packs it', () => {
  test('SBX-77 the tarball is smaller than 1 MiB and holds nothing beside dist, README*, LICENSE and CHANGELOG', async () => {
    expect((await stat(tarball)).size).toBeLessThan(1024 * 1024)
    const others = files.filter((path) => !path.startsWith('dist/'))
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.en.md', 'README.md', 'package.json'])
    expect(files).toContain('dist/index.d.ts')
    expect(files.filter((path) => /\.test\.|\.fake\.|\/testing\//.test(path))).toEqual([])
  })

  test('SBX-77 it has no runtime dependencies and no install scripts, and says MIT and its version', async () => {
    const made = JSON.parse(await readFile(join(shop, 'node_modules/alipay-sandbox/package.json'), 'utf8'))
    expect(made.dependencies ?? {}).toEqual({})
    for (const name of ['install', 'preinstall', 'postinstall', 'prepare'])
      expect(made.scripts).not.toHaveProperty(name)
    expect(made).toMatchObject({ license: 'MIT', type: 'module', engines: { node: expect.stringMatching(/^>=20/) } })
    const changes = await readFile(join(shop, 'node_modules/alipay-sandbox/CHANGELOG.md'), 'utf8')
    expect(/^## (\S+)/m.exec(changes)?.[1]).toBe(made.version)
    expect(await readdir(join(shop, 'node_modules'))).toEqual(expect.arrayContaining(['alipay-sandbox']))
    const installed = (await readdir(join(shop, 'node_modules'))).filter((name) => !name.startsWith('.'))
    expect(installed).toEqual(['alipay-sandbox'])
  })
})

describe('installed into an empty folder without network', () => {
  test('SBX-77 the command line works', async () => {
    const { stdout } = await run('npx', ['--no-install', 'alipay-sandbox', '--help'], { cwd: shop })
    expect(stdout).toContain('alipay-sandbox [start]')
  })

  test('SBX-77 SBX-74 the library starts, takes a payment and stops; its cashier draws a QR code by itself', async () => {
    await writeFile(
      join(shop, 'pay.mjs'),
      `import { startAlipaySandbox } from 'alipay-sandbox'
const sandbox = await startAlipaySandbox({ port: 0, memory: true })
console.log(sandbox.gatewayUrl, sandbox.control.state().sumFen, sandbox.sdkConfig.appId)
await import('./node_modules/alipay-sandbox/dist/cashier/qr-encoder.js')
await sandbox.stop()
`,
    )
    const { stdout, stderr } = await run(process.execPath, ['pay.mjs'], { cwd: shop })
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/gateway\.do 0 9021\d{12}\n$/)
    expect(stderr).toBe('')
  })

  test('SBX-77 its types resolve in a strict project', async () => {
    const types = join(shop, 'node_modules', '@types')
    await mkdir(types)
    await symlink(dirname(createRequire(import.meta.url).resolve('@types/node/package.json')), join(types, 'node'))
    await writeFile(
      join(shop, 'shop.ts'),
      `import { type AlipaySandbox, type PaymentView, startAlipaySandbox } from 'alipay-sandbox'
export const start = (): Promise<AlipaySandbox> => startAlipaySandbox({ port: 0, memory: true, settings: { fee_rate: 0.01 } })
export const pay = (sandbox: AlipaySandbox, payUrl: string): Promise<PaymentView> => sandbox.pay({ payUrl })
// @ts-expect-error there is no such setting
export const wrong = () => startAlipaySandbox({ settings: { fee_ratio: 1 } })
`,
    )
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--lib',
      'es2023',
      '--types',
      'node',
      '--skipLibCheck',
      'false',
    ]
    const { stdout } = await run(process.execPath, [tsc, ...options, 'shop.ts'], { cwd: shop })
    expect(stdout).toBe('')
  }, 60_000)
})
