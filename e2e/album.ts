import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { drawScreen } from './phone.ts'

const DOCS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../docs')
const MOST_BYTES = 60 * 1024
const MOST_BYTES_TOGETHER = 3 * 1024 * 1024
const QUALITIES = [80, 70, 60, 50, 40, 30]
/** In the document, phones stand side by side and desks one below the other, in pixels of the reader's. */
const WIDTHS = { phone: 240, desk: 720 } as const

/** In Chinese and in English. */
export type Words = readonly [zh: string, en: string]

export interface Album {
  /** What follows belongs to another part of the site. */
  chapter(title: Words): void
  /** The page as it stands, light and dark, for eyes; with `both` the dark one is shown to readers as well. */
  take(page: Page, name: string, line: Words, options?: { readonly both?: boolean }): Promise<void>
  /** What there are pictures of. */
  names(): ReadonlySet<string>
  /** Writes docs/pages.md, where the pictures are for readers. Throws when they have become too heavy. */
  close(): Promise<void>
}

interface Picture {
  readonly name: string
  readonly line: Words
  readonly width: number
}

/** Nothing half loaded: every text, every font, every picture on the screen. */
async function untilDrawn(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      !document.querySelector('.skeleton, .toast span') &&
      [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight),
  )
  await page.evaluate(() => document.fonts.ready)
}

/** Pictures for eyes in `.screens/`; `forReaders`, small ones in docs/screens/ as well, and the page that shows them. */
export function openAlbum(forReaders: boolean): Album {
  const chapters: { readonly title: Words; readonly pictures: Picture[] }[] = []
  const names = new Set<string>()
  let bytes = 0

  /** The page as WebP, as good as the size allows. */
  async function takeSmall(page: Page, name: string): Promise<void> {
    const session = await page.context().newCDPSession(page)
    try {
      for (const quality of QUALITIES) {
        const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality })
        const picture = Buffer.from(data, 'base64')
        if (picture.length > MOST_BYTES) continue
        bytes += picture.length
        await fs.mkdir(path.join(DOCS, 'screens'), { recursive: true })
        await fs.writeFile(path.join(DOCS, 'screens', `${name}.webp`), picture)
        return
      }
    } finally {
      await session.detach()
    }
    throw new Error(`${name} does not fit into ${MOST_BYTES} bytes`)
  }

  return {
    chapter(title) {
      chapters.push({ title, pictures: [] })
    },
    async take(page, name, line, { both = false } = {}) {
      await untilDrawn(page)
      names.add(name)
      const isDesk = (page.viewportSize()?.width ?? 0) > 1_000
      const width = isDesk ? WIDTHS.desk : WIDTHS.phone
      const pictures = chapters.at(-1)?.pictures
      if (forReaders) {
        await takeSmall(page, name)
        pictures?.push({ name, line, width })
      }
      await drawScreen(page, `${name}-light`)
      await page.emulateMedia({ colorScheme: 'dark' })
      if (forReaders && both) {
        await takeSmall(page, `${name}-dark`)
        pictures?.push({ name: `${name}-dark`, line: [`${line[0]}（深色）`, `${line[1]} (dark)`], width })
      }
      await drawScreen(page, `${name}-dark`)
      await page.emulateMedia({ colorScheme: 'light' })
    },
    names: () => names,
    async close() {
      if (!forReaders) return
      if (bytes > MOST_BYTES_TOGETHER) throw new Error(`the pictures together have ${bytes} bytes`)
      const parts = chapters.flatMap(({ title, pictures }) => [`## ${title[0]} · ${title[1]}`, ...rowsOf(pictures)])
      await fs.writeFile(path.join(DOCS, 'pages.md'), `${HEAD}\n\n${parts.join('\n\n')}\n`)
    },
  }
}

const HEAD = `# 每一页的样子 · Every page

手机页面宽 390，运营后台宽 1280；由 \`npm run screens -- --docs\` 从演示数据拍下。

Phones are 390 px wide, the operators' desk 1280 px; taken from the demo data by \`npm run screens -- --docs\`.`

const imageOf = ({ name, line: [zh], width }: Picture) =>
  `<img src="screens/${name}.webp" width="${width}" alt="${zh}">`
const wordsOf = ({ line: [zh, en] }: Picture) => `${zh}<br>${en}`

/** Phones three in a row, desks alone. */
function rowsOf(pictures: readonly Picture[]): string[] {
  const rows: Picture[][] = []
  for (const picture of pictures) {
    const last = rows.at(-1)
    if (last && last.length < 3 && picture.width === WIDTHS.phone) last.push(picture)
    else rows.push([picture])
  }
  return rows.map((row) =>
    [row.map(imageOf), row.map(() => '---'), row.map(wordsOf)].map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
  )
}
