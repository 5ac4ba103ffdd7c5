import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createBreaker } from './breaker.js'
import { WechatError } from './errors.js'
import { type LimitOptions, startLimit } from './limit.js'

const path = '/sns/jscode2session'
const noAnswer = () => new WechatError('UNREACHABLE', { path, reason: 'no answer', requestSent: true })
const refused = () => new WechatError('CODE_INVALID', { path, reason: '40029', errcode: 40029 })

function callsThrough() {
  const through = createBreaker()
  let made = 0
  const call = async (outcome: () => unknown, options: LimitOptions = {}) =>
    through(
      path,
      async () => {
        made++
        const result = outcome()
        if (result instanceof Error) throw result
        return result
      },
      startLimit(options),
    ).catch((error: WechatError) => error.code)
  return { call, made: () => made }
}

describe('the circuit breaker', () => {
  it('opens after 20 calls in a row without an answer: calls then fail at once, and are not sent', async () => {
    const { call, made } = callsThrough()
    for (let i = 0; i < 20; i++) expect(await call(noAnswer)).toBe('UNREACHABLE')
    expect(await call(() => 'an answer')).toBe('CIRCUIT_OPEN')
    expect(made()).toBe(20)
  })

  it('stays closed while some calls are answered, be it with a refusal', async () => {
    const { call } = callsThrough()
    for (let i = 0; i < 100; i++) await call(i % 15 === 0 ? refused : noAnswer)
    expect(await call(() => 'an answer')).toBe('an answer')
  })

  it('learns nothing from callers who give up', async () => {
    const { call } = callsThrough()
    for (let i = 0; i < 100; i++) await call(noAnswer, i % 2 === 0 ? { signal: AbortSignal.abort() } : { timeoutMs: 0 })
    expect(await call(() => 'an answer')).toBe('an answer')
    for (let i = 0; i < 19; i++) await call(noAnswer)
    await call(noAnswer, { signal: AbortSignal.abort() })
    await call(noAnswer)
    expect(await call(() => 'an answer')).toBe('CIRCUIT_OPEN')
  })

  it('lets one call through after a pause, closes when it is answered, and waits longer when it is not', async () => {
    const { call, made } = callsThrough()
    for (let i = 0; i < 20; i++) await call(noAnswer)
    // The pause has jitter around a second.
    const probe = async (outcome: () => unknown) => {
      const before = made()
      for (let waitedMs = 0; waitedMs < 6000; waitedMs += 25) {
        const result = await call(outcome)
        if (made() > before) return { result, waitedMs }
        await delay(25)
      }
      throw new Error('it never asked again')
    }
    const first = await probe(noAnswer)
    expect(first.result).toBe('UNREACHABLE')
    expect(await call(() => 'an answer')).toBe('CIRCUIT_OPEN')
    const second = await probe(() => 'an answer')
    expect(second.result).toBe('an answer')
    expect(await Promise.all(Array.from({ length: 10 }, () => call(() => 'an answer')))).toEqual(
      Array(10).fill('an answer'),
    )
  })
})
