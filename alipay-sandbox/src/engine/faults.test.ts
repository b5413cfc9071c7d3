import { describe, expect, test } from 'vitest'
import { bareEngine } from '../testing/bare-engine.ts'
import type { SandboxEvent } from './events.ts'
import { FAULT_KINDS, FAULTS } from './fault-kinds.ts'
import { addFault, takeFault } from './faults.ts'
import type { Journal } from './journal.ts'

const query = (outTradeNo: string | undefined) => ({ where: 'api', method: 'alipay.trade.query', outTradeNo }) as const

describe('which occasion a fault strikes (SBX-65)', () => {
  test.each([
    ['a1', 'a1', true],
    ['a1', 'a12', false],
    ['a*', 'a', true],
    ['a*', 'ba', false],
    ['*z', 'xyz', true],
    ['*z', 'zx', false],
    ['a*z', 'az', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a1b2b3c', true],
    ['a*b*c', 'acb', false],
    ['*mid*', 'in the middle', true],
    ['*', '', true],
    ['a.c', 'abc', false],
  ])('SBX-65 the pattern %s on %s: %s', (outTradeNo, number, strikes) => {
    const { engine } = bareEngine()
    addFault(engine, { kind: 'http_500', outTradeNo })
    expect(takeFault(engine, query(number)) !== undefined).toBe(strikes)
  })

  test('SBX-65 a call without a number is struck by faults without a pattern only', () => {
    const { engine } = bareEngine()
    addFault(engine, { kind: 'http_500', outTradeNo: 'a*' })
    expect(takeFault(engine, query(undefined))).toBeUndefined()
    addFault(engine, { kind: 'http_502' })
    expect(takeFault(engine, query(undefined))?.kind).toBe('http_502')
  })

  test('SBX-65 it is used up after its times, and never when it has none', () => {
    const { engine } = bareEngine()
    addFault(engine, { kind: 'http_500', times: 3 })
    const struck = (count: number) =>
      Array.from({ length: count }, () => takeFault(engine, query('x'))).filter((fault) => fault !== undefined).length
    expect(struck(10)).toBe(3)
    addFault(engine, { kind: 'http_502', times: null })
    expect(struck(1000)).toBe(1000)
  })

  const throws = (seed: number, count = 1000) => {
    const { engine } = bareEngine()
    addFault(engine, { kind: 'http_500', times: null, probability: 0.3, seed })
    return Array.from({ length: count }, () => takeFault(engine, query('x')) !== undefined)
  }

  test('SBX-65 chance follows from the seed alone, and comes out as often as it says', () => {
    expect(throws(7)).toEqual(throws(7))
    expect(throws(7)).not.toEqual(throws(8))
    const struck = throws(7, 10_000).filter(Boolean).length
    expect(struck).toBeGreaterThan(2800)
    expect(struck).toBeLessThan(3200)
  })

  test('SBX-65 a restart in the middle goes on with the very throw that is next', () => {
    const written: SandboxEvent[] = []
    const journal: Journal = {
      append: (events) => void written.push(...(JSON.parse(JSON.stringify(events)) as SandboxEvent[])),
      async durable() {},
      async close() {},
    }
    const { engine } = bareEngine(journal)
    addFault(engine, { kind: 'http_500', times: null, probability: 0.3, seed: 7 })
    const before = Array.from({ length: 500 }, () => takeFault(engine, query('x')) !== undefined)
    const restarted = bareEngine(undefined, written).engine
    const after = Array.from({ length: 500 }, () => takeFault(restarted, query('x')) !== undefined)
    expect([...before, ...after]).toEqual(throws(7))
  })

  test('SBX-65 what the dice spare is counted, and a sure fault behind it still strikes', () => {
    const { engine } = bareEngine()
    addFault(engine, { kind: 'http_500', probability: 0 })
    addFault(engine, { kind: 'http_502' })
    expect(takeFault(engine, query('x'))?.kind).toBe('http_502')
    expect([...engine.state.faults.values()].map(({ used, spared }) => [used, spared])).toEqual([
      [0, 1],
      [1, 0],
    ])
  })

  test('every kind says in both languages what it does', () => {
    for (const kind of FAULT_KINDS) {
      expect(FAULTS[kind].zh.length, kind).toBeGreaterThan(3)
      expect(FAULTS[kind].en, kind).toMatch(/^[ -~]{6,}$/)
    }
  })
})
