import { beforeEach, describe, expect, test } from 'vitest'
import { createLog, type FullLog } from './log.ts'

describe('the log', () => {
  let lines: string[]
  let log: FullLog
  const entry = () => JSON.parse(lines[0] ?? '')

  beforeEach(() => {
    lines = []
    log = createLog({ level: 'info', now: () => new Date('2026-11-23T04:00:00Z'), write: (line) => lines.push(line) })
  })

  test('is one JSON line an event, with what its child was told', () => {
    log.child({ request_id: 'r1' }).info({ route: '/x', n: 3n }, 'answered')
    expect(lines[0]).toMatch(/\n$/)
    expect(entry()).toEqual({
      time: '2026-11-23T04:00:00.000Z',
      level: 'info',
      request_id: 'r1',
      route: '/x',
      n: '3',
      event: 'answered',
    })
  })

  test('drops what is below its level', () => {
    log.debug({}, 'detail')
    expect(lines).toEqual([])
  })

  test('S10 shows no secret by name, however deep, and no phone or ID number in any text', () => {
    log.info(
      {
        headers: { cookie: 'ihome_session=s.1.x', 'X-CSRFToken': 'abc', accept: 'text/html' },
        password: 'hunter2',
        nested: { appPrivateKey: 'MIIE' },
        text: 'key (phone)=(13812345678) and 11010519491231002X, trade 2026112322001412345678901234',
      },
      'tried',
    )
    const line = lines[0] ?? ''
    for (const secret of ['s.1.x', 'abc', 'hunter2', 'MIIE', '13812345678', '11010519491231002X']) {
      expect(line).not.toContain(secret)
    }
    expect(line).toContain('138****5678')
    expect(line).toContain('2026112322001412345678901234')
    expect(line).toContain('text/html')
  })

  test('tells an error with its cause, and leaves out the rows that a database error quotes', () => {
    const database = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (name)=(张三) exists' })
    log.error({ err: new Error('failed', { cause: database }) }, 'defect')
    expect(entry().err).toMatchObject({ message: 'failed', cause: { message: 'duplicate key', code: '23505' } })
    expect(lines[0]).not.toContain('张三')
  })
})
