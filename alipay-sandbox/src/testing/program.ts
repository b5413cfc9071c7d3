import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import ts from 'typescript'

const run = promisify(execFile)

const packageDir = join(import.meta.dirname, '..', '..')

/**
 * Translates the program file by file; answers the path of the command line program. Types are checked elsewhere, and
 * the package as it is published is built by the package test: here it has to be quick, so what was translated from the
 * same sources before is used again.
 */
export async function buildProgram(): Promise<string> {
  const { config } = ts.readConfigFile(join(packageDir, 'tsconfig.json'), ts.sys.readFile)
  const { options: given, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, packageDir)
  const sources = await Promise.all(fileNames.map((fileName) => readFile(fileName, 'utf8')))
  const digest = createHash('sha256')
    .update(JSON.stringify([fileNames, sources]))
    .digest('hex')
    .slice(0, 16)
  const built = join(packageDir, '.cache', `program-${digest}`)
  const program = join(built, 'alipay-sandbox')
  if (await isThere(program)) return program
  await mkdir(dirname(built), { recursive: true })
  const draft = await mkdtemp(`${built}-`)
  // A single file cannot tell from its package that it is a module.
  const options = { ...given, module: ts.ModuleKind.ESNext }
  await writeFile(join(draft, 'package.json'), '{"type":"module"}')
  for (const [index, fileName] of fileNames.entries()) {
    const { outputText } = ts.transpileModule(sources[index] ?? '', { compilerOptions: options, fileName })
    const to = join(draft, 'dist', relative(join(packageDir, 'src'), fileName).replace(/\.ts$/, '.js'))
    await mkdir(dirname(to), { recursive: true })
    await writeFile(to, outputText)
  }
  await run(process.execPath, [join(packageDir, 'scripts', 'bundle-qr.mjs'), join(draft, 'dist')])
  // As npm does it: the program is reached through a link.
  await symlink(join('dist', 'cli.js'), join(draft, 'alipay-sandbox'))
  await keepOnly(draft, built)
  return program
}

/** Puts the draft in its place, unless somebody else was quicker, and removes what older sources gave. */
async function keepOnly(draft: string, built: string): Promise<void> {
  await rename(draft, built).catch(() => rm(draft, { recursive: true, force: true }))
  const hourAgo = Date.now() - 3_600_000
  for (const name of await readdir(dirname(built))) {
    const path = join(dirname(built), name)
    const old = name.startsWith('program-') && path !== built && (await stat(path)).mtimeMs < hourAgo
    if (old) await rm(path, { recursive: true, force: true })
  }
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the program to its end. */
export async function runProgram(program: string, ...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)))
  return { code, out, err }
}

export interface StartedProgram {
  readonly child: ChildProcess
  /** What `--json` printed. */
  readonly summary: Readonly<Record<string, string>>
  /** Resolves with the exit code, or nothing when a signal ended it. */
  readonly ended: Promise<number | null>
}

/** Starts a gateway and waits until it has said where it listens. */
export async function startProgram(program: string, ...args: string[]): Promise<StartedProgram> {
  const { firstLine, output: _, ...started } = await startUntilFirstLine(program, '--port', '0', '--json', ...args)
  return { ...started, summary: JSON.parse(firstLine) }
}

/** Starts a gateway and waits for the first line it prints. */
export async function startUntilFirstLine(program: string, ...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let err = ''
  let out = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  const firstLine = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    void ended.then((code) => reject(new Error(`ended with ${code}: ${err}`)))
  })
  return { child, firstLine, ended, output: () => out + err }
}
