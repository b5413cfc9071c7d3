import { CONFIG_SNIPPETS } from '../config-snippets.ts'
import { readMerchantFile } from '../merchant-files.ts'
import { type Command, CommandFailed, UsageError } from './command.ts'
import { DEFAULT_DATA_DIR } from './start.ts'

/** Prints how each SDK is pointed at this sandbox. Private keys appear as paths only. */
export const config: Command = {
  takes: ['format', 'data'],
  switches: [],
  words: 0,
  async run({ text }) {
    const format = text.format ?? 'env'
    const write = Object.hasOwn(CONFIG_SNIPPETS, format) ? CONFIG_SNIPPETS[format] : undefined
    if (!write) throw new UsageError(`--format is one of ${Object.keys(CONFIG_SNIPPETS).join(', ')}`)
    const dataDir = text.data ?? DEFAULT_DATA_DIR
    const file = await readMerchantFile(dataDir)
    if (!file) throw new CommandFailed(`${dataDir} has no merchant.json; start alipay-sandbox there first`)
    console.log(write(file).trimEnd())
  },
}
