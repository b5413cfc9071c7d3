import { readFile } from 'node:fs/promises'
import { importIntoDataDir } from '../keeping/data-transfer.ts'
import { type Command, CommandFailed } from './command.ts'
import { asText } from './remote.ts'
import { DEFAULT_DATA_DIR } from './start.ts'

/** Fills an empty data directory from an export. */
export const importState: Command = {
  takes: ['data', 'keys'],
  switches: ['json'],
  words: 1,
  async run({ words, text, on }) {
    const [path = ''] = words
    const bytes = await readFile(path).catch((cause: Error) => {
      throw new CommandFailed(cause.message, { cause })
    })
    const directory = text.data ?? DEFAULT_DATA_DIR
    const keysDir = text.keys
    const state = await importIntoDataDir(bytes, directory, keysDir === undefined ? {} : { keysDir })
    const counts = { apps: state.apps.size, accounts: state.accounts.size, trades: state.trades.size }
    if (on.has('json')) return console.log(asText({ data: directory, ...counts, new_keys: keysDir === undefined }))
    console.log(`${directory}: ${counts.trades} trades, ${counts.accounts} accounts, ${counts.apps} apps`)
    if (keysDir === undefined) {
      console.log('New keys were made, because an export has none: configure the shop anew from merchant.json,')
      console.log('which the next start writes. To keep the old keys, import with --keys OLD_DATA_DIR/keys.')
    }
  },
}
