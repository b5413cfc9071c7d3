import type { Figure } from './figure.ts'
import type { Machine } from './machine.ts'

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
const shown = (value: number, unit: string): string => `${digits(value)} ${unit}`.trim()

/** One figure as a line of the table. */
export function lineOf({ name, unit, ours, limit, aim, reached }: Figure): string {
  const share = limit ? limit.share.toFixed(2) : ''
  const beside = limit ? `${limit.name}: ${shown(limit.value, unit)}` : ''
  const verdict = reached === undefined ? '' : reached ? 'reached' : '**missed**'
  return `| ${[name, shown(ours, unit), beside, share, aim, verdict].join(' | ')} |`
}

function tableOf(figures: readonly Figure[]): string {
  const lines = figures.map(lineOf)
  return ['| what | ours | limit in the same run | ratio | aim | |', '|---|---|---|---|---|---|', ...lines].join('\n')
}

/** docs/performance.md as a whole. */
export function documentOf(figures: readonly Figure[], machine: Machine, date: string): string {
  const missed = figures.filter(({ reached }) => reached === false)
  const remarks = new Set(figures.map(({ note }) => note).filter((note) => note !== undefined))
  const notes = [...remarks].map((remark) => {
    const names = figures.filter(({ note }) => note === remark).map(({ name }) => name)
    return `- ${names.join(', ')}: ${remark}`
  })
  return `# Performance

Written by \`npm run bench\`, which measures and then writes this file anew. Each figure stands beside a limit that was
measured in the same run, in turns with ours: figures differ from machine to machine, ratios much less.

- Date: ${date}
- Machine: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGb.toFixed(1)} GB, ${machine.system}; load before the run ${machine.load.toFixed(2)}
- Node ${machine.node}, PostgreSQL ${machine.postgres} (embedded)
- Load generator, server and database share these cores.

${tableOf(figures)}

${missed.length === 0 ? 'All aims are reached.' : `Missed in this run: ${missed.map(({ name }) => name).join(', ')}.`}
${notes.length > 0 ? `\n${notes.join('\n')}\n` : ''}
## How it is measured

- **hot home page, hot detail JSON**: the built server in a process of its own with the demo data, \`LOG_LEVEL=warn\`,
  asked by twenty connections that each wait for their answer. The limit is a bare Fastify route in a process of its own
  that sends the same packed bytes with the same content headers. The home page is asked for as a browser does that has
  been here before. Medians of fifteen turns; both processes start anew for each, since two processes with the same
  program were seen to differ by 40 %.
- **home page rendered for each request**: the same page with a query, which keeps it from being kept: Vue renders it
  from cached data, Brotli packs it, every time.
- **booking**: the use case that \`POST /orders\` runs, eight at a time from one Node process, on a database that really
  syncs. The limit is pgbench with eight clients that sends the statements recorded from the use case.
- **pay URL**: building and signing the address of the cashier. The limit is the RSA-2048 signature alone.
- **slow phone**: Chromium at 390×844, 2×, slow 4G (562.5 ms per request, 1.47 Mbit/s), processor four times slower,
  nothing cached; medians of five visits. The limit is the same HTML without its scripts from a server that does
  nothing else.
- **first scripts, first styles**: what the build's manifest says a page needs before it answers to a touch, packed as
  gzip level 9. The frame's style stands in the page itself.
`
}
