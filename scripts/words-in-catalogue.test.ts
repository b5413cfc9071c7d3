import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const WEB = path.resolve(import.meta.dirname, '../web')
/** Data, not words of the frame. */
const ALLOWED: Readonly<Record<string, RegExp>> = {
  // What hosts wrote about their beds is read by its measure word.
  'features/houses/DetailPage.vue': /\\s\*张/g,
  // Search engines are told where the houses are, as addresses there are written.
  'features/houses/structured-house.ts': /'北京市'/g,
}
const HAN = /[\p{Script=Han}\u3000-\u303f\uff00-\uffe4\uffe6-\uffef]/u

const withoutComments = (source: string): string =>
  source
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[\s;{}(),])\/\/.*$/gm, '$1')

const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter(
  (file) =>
    /\.(vue|ts)$/.test(file) && !/^(dist|text|node_modules)\//.test(file) && !/(^|\/)testing-|\.test\.ts$/.test(file),
)

it('UX21 keeps every word of the markup in the catalogue, where each language has it', () => {
  expect(files.length).toBeGreaterThan(100)
  const strays = files.flatMap((file) => {
    const source = readFileSync(path.join(WEB, file), 'utf8')
    const code = withoutComments(source.replace(ALLOWED[file] ?? /(?!)/, ''))
    return code
      .split('\n')
      .filter((line) => HAN.test(line))
      .map((line) => `${file}: ${line.trim()}`)
  })
  expect(strays).toEqual([])
})
