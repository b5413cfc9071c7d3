// Data flows one way. This reads every import and fails, with the reason, when an arrow points the wrong way.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

interface Rule {
  readonly from: RegExp
  readonly to: RegExp
  readonly except?: RegExp
  readonly why: string
}

/** Both sides are paths in the repository, or the name of a package. Tests are free. */
const RULES: readonly Rule[] = [
  { from: /^core\//, to: /^(?!core\/)/, why: 'core is pure rules: it runs in the browser and needs nothing else' },
  {
    from: /^contract\//,
    to: /^(?!contract\/|core\/|typebox)/,
    why: 'the contract knows core and its schema library only',
  },
  { from: /^web\//, to: /^(server|alipay-sandbox)\b/, why: 'the browser speaks to the server through the contract' },
  {
    from: /^web\/(?!.*\.test\.ts$)/,
    to: /^typebox/,
    why: 'schemas are checked by the server; in the browser they would cost 30 KB',
  },
  { from: /^web\/ui\//, to: /^web\/features\//, why: 'the kit knows no feature, or it could not serve all of them' },
  { from: /^server\//, to: /^web\/(?!dist\/)/, why: 'the server renders what the web has built' },
  { from: /^alipay-sandbox\//, to: /^(core|contract|server|web|e2e)\//, why: 'the sandbox is a package of its own' },
  {
    from: /^server\/platform\/(?!testing)/,
    to: /^server\/features\//,
    why: 'the platform carries the features; it must not know them',
  },
  {
    from: /^server\/features\/([^/]+)\/(?!.*testing)/,
    to: /^server\/features\/([^/]+)\/(?:.*-)?store\.ts$/,
    why: "a feature calls another feature's use cases, never its tables",
  },
]

const SOURCE = /\.(ts|vue|mjs)$/
const IMPORT =
  /(?:import|export)\s[^'"`;]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gm

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`
    if (entry.isDirectory()) return ['dist', 'node_modules', '.data'].includes(entry.name) ? [] : sources(name)
    return SOURCE.test(entry.name) ? [name] : []
  })
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
  const own = /^@ihome\/([^/]+)\/(.+)$/.exec(specifier)
  return own ? `${own[1]}/${own[2]}` : specifier
}

const faults: string[] = []
for (const file of ['core', 'contract', 'server', 'web', 'alipay-sandbox'].flatMap(sources)) {
  if (/\.test\.ts$|testing/.test(file)) continue
  const text = readFileSync(path.join(root, file), 'utf8')
  for (const match of text.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ''
    const target = targetOf(file, specifier)
    for (const rule of RULES) {
      const from = rule.from.exec(file)
      const to = rule.to.exec(target)
      if (!from || !to) continue
      if (rule.except?.test(target)) continue
      const sameFeature = from[1] !== undefined && from[1] === to[1]
      if (!sameFeature) faults.push(`${file} → ${target}: ${rule.why}`)
    }
  }
  // Tables of another feature can be reached without an import, by SQL: only stores may hold any. A store of one query
  // that is offered to other features, to run in their transaction, is named for that query.
  const mayHoldSql =
    /^server\/(platform|migrations|seed|audit)|[/-]store\.ts$|\/(booked-nights|clearing-sum|house-cards|drop-ended-captchas|leave-market|live-orders|lock-guest|lock-house|open-refunds|order-lock|promised|forget-payees|order-status|owner-balance|post|raise-order-count|record-action|check-redundancy|trial-balance|verified)\.ts$/
  if (
    file.startsWith('server/') &&
    !mayHoldSql.test(file) &&
    /\b(selectFrom|insertInto|updateTable|deleteFrom)\(/.test(text)
  ) {
    faults.push(`${file}: SQL stands in stores only`)
  }
}

if (faults.length > 0) {
  process.stdout.write(`${faults.join('\n')}\n${faults.length} arrows point the wrong way\n`)
  process.exit(1)
}
process.stdout.write('all arrows point the right way\n')
