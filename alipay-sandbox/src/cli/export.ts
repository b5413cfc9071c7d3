import { writeFile } from 'node:fs/promises'
import { exportDataDir } from '../keeping/data-transfer.ts'
import { EXPORT_CONTENTS } from '../keeping/export-file.ts'
import { type Command, CommandFailed, UsageError } from './command.ts'
import { asText, fetchControl, REMOTE_FLAGS } from './remote.ts'
import { DEFAULT_DATA_DIR } from './start.ts'

/** Writes everything but private keys into one file, from a data directory or, with --url, from a running sandbox. */
export const exportState: Command = {
  takes: [...REMOTE_FLAGS, 'data'],
  switches: ['json'],
  words: 1,
  async run(flags) {
    const [path = ''] = flags.words
    const { url, data } = flags.text
    if (url !== undefined && data !== undefined) throw new UsageError('--url and --data exclude each other')
    const bytes =
      url === undefined
        ? await exportDataDir(data ?? DEFAULT_DATA_DIR)
        : Buffer.from(await (await fetchControl(flags, 'GET', '/export')).arrayBuffer())
    await writeFile(path, bytes, { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      throw new CommandFailed(cause.code === 'EEXIST' ? `${path} is there already` : cause.message, { cause })
    })
    if (flags.on.has('json')) return console.log(asText({ file: path, bytes: bytes.length, ...EXPORT_CONTENTS }))
    console.log(`${path}: ${bytes.length} bytes\n  holds: ${EXPORT_CONTENTS.holds}`)
    console.log(`  leaves out: ${EXPORT_CONTENTS.leaves_out}`)
  },
}
