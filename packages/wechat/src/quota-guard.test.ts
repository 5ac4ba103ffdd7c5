import { describe, expect, it } from 'vitest'
import { createQuotaGuard } from './quota-guard.js'

const path = '/sns/jscode2session'
const minuteMs = 60_000

function guardAt(instant: string) {
  let nowMs = Date.parse(instant)
  const guard = createQuotaGuard(() => new Date(nowMs))
  const isOpen = () => {
    try {
      guard.assertOpen(path)
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'QUOTA_EXCEEDED', path })
      return false
    }
  }
  return {
    guard,
    isOpen,
    wait: (ms: number) => {
      nowMs += ms
    },
    at: (text: string) => {
      nowMs = Date.parse(text)
    },
  }
}

describe('the guard of quotas', () => {
  it('lets everything through until WeChat says 45009', () => {
    expect(guardAt('2026-06-01T12:00:00+08:00').isOpen()).toBe(true)
  })

  it('lets nothing through then, until the day turns in China', () => {
    const { guard, isOpen, at } = guardAt('2026-06-01T23:55:00+08:00')
    guard.close(path)
    expect(isOpen()).toBe(false)
    at('2026-06-01T23:59:59.999+08:00')
    expect(isOpen()).toBe(false)
    at('2026-06-02T00:00:00+08:00')
    expect([isOpen(), isOpen()]).toEqual([true, true])
  })

  it('but for one call in ten minutes, and everything once that succeeds', () => {
    const { guard, isOpen, wait } = guardAt('2026-06-01T08:00:00+08:00')
    guard.close(path)
    let asked = 0
    for (let minute = 0; minute < 60; minute++) {
      wait(minuteMs)
      if (isOpen()) asked++
    }
    expect(asked).toBe(6)
    guard.open(path)
    expect([isOpen(), isOpen()]).toEqual([true, true])
  })

  it('knows endpoints apart, and forgets when the quota was cleared', () => {
    const { guard, isOpen } = guardAt('2026-06-01T08:00:00+08:00')
    guard.close('/cgi-bin/token')
    expect(isOpen()).toBe(true)
    guard.close(path)
    guard.openAll()
    expect(isOpen()).toBe(true)
  })
})
