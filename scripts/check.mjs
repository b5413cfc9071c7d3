// The one gate, the same here and in CI: format, lint, types, arrows, unused code, generated files, tests.
import { spawnSync } from 'node:child_process'

const STEPS = [
  ['format', 'biome format .'],
  ['lint', 'biome lint --error-on-warnings .'],
  ['types', 'npm run --silent types'],
  ['arrows', 'npm run --silent arrows'],
  ['unused code', 'knip'],
  ['generated files', 'tsx scripts/db-types.ts --check'],
  ['tests', 'node scripts/test.mjs'],
]

const only = process.argv.slice(2)
for (const [name, command] of STEPS) {
  if (only.length > 0 && !only.includes(name)) continue
  process.stdout.write(`\n— ${name}: ${command}\n`)
  const { status } = spawnSync(`npx --no-install ${command}`.replace('npx --no-install n', 'n'), {
    shell: true,
    stdio: 'inherit',
  })
  if (status !== 0) {
    process.stdout.write(`\n${name} failed\n`)
    process.exit(1)
  }
}
