// Writes the differences from the real gateway into both READMEs, from the settings of the built package.
//
//   npm run differences -w alipay-sandbox
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { settingsMarkdown } from '../dist/settings.js'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const BETWEEN = /(<!-- differences: .*-->\n\n)[\s\S]*?(\n\n<!-- end of differences -->)/

for (const [file, language] of [
  ['README.md', 'zh'],
  ['README.en.md', 'en'],
]) {
  const before = readFileSync(path.join(root, file), 'utf8')
  if (!BETWEEN.test(before)) throw new Error(`${file} has no place for the differences`)
  const after = before.replace(BETWEEN, (_, begin, end) => `${begin}${settingsMarkdown(language)}${end}`)
  writeFileSync(path.join(root, file), after)
}
