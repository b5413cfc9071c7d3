import { readFile } from 'node:fs/promises'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { advance } from './advance.ts'
import { bill } from './bill.ts'
import { type Command, type Flags, UsageError } from './command.ts'
import { config } from './config.ts'
import { exportState } from './export.ts'
import { fault } from './fault.ts'
import { HELP } from './help.ts'
import { importState } from './import.ts'
import { pay } from './pay.ts'
import { refund } from './refund.ts'
import { resend } from './resend.ts'
import { settings } from './settings.ts'
import { start } from './start.ts'
import { trades } from './trades.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  start,
  config,
  settings,
  pay,
  trades,
  refund,
  resend,
  advance,
  fault,
  bill,
  export: exportState,
  import: importState,
}

export const COMMAND_NAMES = Object.keys(COMMANDS)

/** Runs one command line; the result is the exit code: 0 done, 1 failed, 2 not understood. */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    const [first] = args
    if (first === 'help' || args.includes('--help') || args.includes('-h')) {
      console.log(HELP)
      return 0
    }
    if (first === '--version' || first === '-v') {
      console.log(await ownVersion())
      return 0
    }
    const named = first !== undefined && Object.hasOwn(COMMANDS, first)
    if (first !== undefined && !named && !first.startsWith('-')) throw new UsageError(`unknown command ${first}`)
    const command = named ? COMMANDS[first] : start
    if (command) await command.run(parse(command, named ? args.slice(1) : args))
    return 0
  } catch (error) {
    return report(error)
  }
}

/** Of the package that this program came in. */
async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  return version
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nalipay-sandbox --help lists what it can do.`)
    return 2
  }
  console.error(error instanceof Error ? error.message : error)
  return 1
}

function parse(command: Command, args: readonly string[]): Flags {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const name of command.takes) options[name] = { type: 'string' }
  for (const name of command.switches) options[name] = { type: 'boolean' }
  const { values, positionals } = parseOrExplain([...args], options)
  const [least, most] = typeof command.words === 'number' ? [command.words, command.words] : command.words
  if (positionals.length < least || positionals.length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`
    throw new UsageError(`${wanted} words expected after the command, got ${positionals.length}`)
  }
  const text: Record<string, string> = {}
  const on = new Set<string>()
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') text[name] = value
    else if (value === true) on.add(name)
  }
  return { text, on, words: positionals }
}

function parseOrExplain(args: string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
