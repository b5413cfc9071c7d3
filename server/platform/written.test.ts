import Type from 'typebox'
import { expect, test } from 'vitest'
import { testApp } from './testing.ts'
import { writtenOnce } from './written.ts'

const View = Type.Object({
  viewer: Type.Integer(),
  house: Type.Object({ title: Type.String(), price: Type.Integer() }),
})
const secret = { title: '槐树下的小院 "</script>', price: 38_850, host_phone: '13812345678' }
const config = { access: 'anyone' } as const
const described = (operationId: string) => ({
  tags: ['test'],
  operationId,
  summary: 'a house',
  params: Type.Object({ at: Type.Integer() }),
  response: { 200: View },
})

test('an answer that was written once is the same as one that is written each time', async () => {
  let written = 0
  const houses = [secret, { ...secret, title: '另一间' }]
  const show = writtenOnce(View, (house: typeof secret) => {
    written += 1
    return { viewer: -1, house }
  })
  const { request } = await testApp({
    features: {
      api: [
        async (app) => {
          app.get('/plain/:at', { config, schema: described('plain') }, async ({ params }) => ({
            viewer: -1,
            house: at(houses, params),
          }))
          app.get('/written/:at', { config, schema: described('written') }, async ({ params }, reply) =>
            show(reply, at(houses, params)),
          )
        },
      ],
    },
  })
  for (const path of ['0', '1', '0', '1']) {
    const [plain, once] = await Promise.all(
      ['plain', 'written'].map((name) => request({ method: 'GET', url: `/api/v1.0/${name}/${path}` })),
    )
    const idOf = (answer = plain) => String(answer?.headers['x-request-id'])
    expect(once?.body).toBe(plain?.body.replace(idOf(plain), idOf(once)))
    expect(once?.headers['content-type']).toBe(plain?.headers['content-type'])
    expect(once?.headers['cache-control']).toBe('no-store')
    expect(once?.body).not.toContain('138')
  }
  expect(written).toBe(2)
})

function at<T>(items: readonly T[], params: unknown): T {
  const item = items[Number((params as { at: string }).at)]
  if (item === undefined) throw new RangeError('no such item')
  return item
}
