import { openBrowser } from '@ihome/e2e/phone'
import type { World } from '@ihome/e2e/world'
import { freePort } from '@ihome/server/platform/embedded-postgres'
import lighthouse from 'lighthouse'
import { type Figure, median } from './figure.ts'

const RUNS = 3
const ASPECTS = [
  { id: 'performance', words: 'performance', least: 95 },
  { id: 'accessibility', words: 'accessibility', least: 100 },
  { id: 'best-practices', words: 'best practices', least: 100 },
  { id: 'seo', words: 'search engines', least: 100 },
] as const

/**
 * Lighthouse, as a phone, on the three public pages: medians of three runs of each. What costs points is named in the
 * figure's note.
 */
export async function benchLighthouse(world: World): Promise<Figure[]> {
  const port = await freePort()
  const browser = await openBrowser(port)
  try {
    const house = await firstHouse(world)
    const figures: Figure[] = []
    for (const path of ['/', '/search', `/detail/${house}`]) {
      figures.push(...(await judge(`${world.origin}${path}`, path.replace(/\d+$/, ':id'), port)))
    }
    return figures
  } finally {
    await browser.close()
  }
}

async function judge(url: string, name: string, port: number): Promise<Figure[]> {
  const scores: Record<string, number[]> = {}
  const faults = new Set<string>()
  for (let run = 0; run < RUNS; run += 1) {
    const result = await lighthouse(url, { port, onlyCategories: ASPECTS.map(({ id }) => id), logLevel: 'error' })
    if (!result) throw new Error(`Lighthouse has nothing to say about ${url}`)
    for (const { id } of ASPECTS) {
      const category = result.lhr.categories[id]
      scores[id] = [...(scores[id] ?? []), Math.round((category?.score ?? 0) * 100)]
      if (id === 'performance') continue
      for (const { id: audit, weight } of category?.auditRefs ?? []) {
        const { score, title } = result.lhr.audits[audit] ?? { score: null, title: audit }
        if (weight > 0 && score !== null && score < 1) faults.add(title)
      }
    }
  }
  return ASPECTS.map(({ id, words, least }) => {
    const ours = median(scores[id] ?? [])
    return {
      name: `Lighthouse, ${words}, ${name}`,
      unit: 'points',
      ours,
      aim: `≥ ${least}`,
      reached: ours >= least,
      ...(id !== 'performance' && ours < least ? { note: [...faults].join('; ') } : {}),
    }
  })
}

async function firstHouse({ origin }: World): Promise<number> {
  const answer = await fetch(`${origin}/api/v1.0/house/index`)
  const { data } = (await answer.json()) as { data: { hlist: { house_id: number }[] } }
  return data.hlist[0]?.house_id ?? 1
}
