// Runs one of the server's own commands from its build: `node scripts/run.mjs migrate`, `… seed --size demo --seed 1`.
import { build } from './build.mjs'

const COMMANDS = ['migrate', 'seed', 'check', 'operator', 'alipay-check']
const [command, ...words] = process.argv.slice(2)
if (!COMMANDS.includes(command)) {
  process.stderr.write(`usage: node scripts/run.mjs ${COMMANDS.join('|')} [options]\n`)
  process.exit(2)
}
build()
const { main } = await import(`../server/dist/${command}.js`)
process.exitCode = (await main(words, process.env)) ?? 0
