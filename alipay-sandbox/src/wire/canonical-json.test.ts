import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, type Json } from './canonical-json.ts'

/** What one PHP family does before it compares: decode, and encode again with its own rules. */
function phpReencode(text: string): string {
  const encode = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value)
      // An empty object has become an empty array on the way through PHP.
      if (entries.length === 0) return '[]'
      return `{${entries.map(([key, item]) => `${encode(key)}:${encode(item)}`).join(',')}}`
    }
    if (typeof value !== 'string') return String(value)
    const escaped = JSON.stringify(value).replaceAll('/', '\\/')
    return escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  }
  return encode(JSON.parse(text))
}

describe('canonical JSON', () => {
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('a/b', '\u2028\u2029', '\ud800', '😀', '\u0000\t"\\'),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 3 }),
    ),
  }))

  test('SBX-6 equals what PHP makes of it after decoding and encoding again, for 10,000 random objects', () => {
    const anObject = fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), value, { minKeys: 1, maxKeys: 4 })
    fc.assert(
      fc.property(anObject, (object) => {
        const text = canonicalJson({ code: '10000', ...object })
        expect(phpReencode(text)).toBe(text)
        expect(text).not.toMatch(/[\u2028\u2029]/)
        expect(text).not.toMatch(/\p{Surrogate}/u)
      }),
      { numRuns: 10_000 },
    )
  })

  test('SBX-6 escapes slashes, leaves out what is undefined, and refuses floats', () => {
    expect(canonicalJson({ a: 'x/y', b: undefined, c: { d: {} }, e: [] })).toBe('{"a":"x\\/y","e":[]}')
    expect(() => canonicalJson({ amount: 88.8 })).toThrow(RangeError)
  })
})
