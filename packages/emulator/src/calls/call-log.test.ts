import { describe, expect, it } from 'vitest'
import { createCallLog, type RecordedCall } from './call-log.js'

const call: Omit<RecordedCall, 'id'> = {
  at: '2026-06-01T08:00:00.000Z',
  durationMs: 1,
  method: 'GET',
  path: '/cgi-bin/token',
  appid: 'wx1',
  status: 200,
  errcode: 0,
  why: 'a test',
  requestSummary: {},
  answerSummary: {},
}

describe('the call log', () => {
  it('keeps the last 1000 calls, newest last, with rising ids also over a clearing', () => {
    const log = createCallLog()
    for (let i = 0; i < 1005; i++) log.record(call)
    expect(log.since(0).map(({ id }) => id)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 6))
    expect(log.since(1003).map(({ id }) => id)).toEqual([1004, 1005])
    log.clear()
    log.record(call)
    expect(log.since(0).map(({ id }) => id)).toEqual([1006])
  })
})
