import { describe, expect, it } from 'vitest'
import { startLimit } from './limit.js'
import { retry } from './retry.js'

const always = { shouldRetry: () => true, random: () => 0, limit: startLimit({}) }

describe('retry', () => {
  it('tries three times and throws what the last try threw', async () => {
    let tries = 0
    const startedMs = performance.now()
    await expect(
      retry(async () => {
        tries += 1
        throw new Error(`try ${tries}`)
      }, always),
    ).rejects.toThrow('try 3')
    const tookMs = performance.now() - startedMs
    expect(tookMs).toBeGreaterThan(290)
    expect(tookMs).toBeLessThan(900)
  })

  it('does not repeat what is not worth it', async () => {
    let tries = 0
    const attempt = async () => {
      tries += 1
      throw new Error('no')
    }
    await expect(retry(attempt, { ...always, shouldRetry: () => false })).rejects.toThrow('no')
    expect(tries).toBe(1)
  })

  it.each([
    ['signal aborts', () => ({ signal: AbortSignal.timeout(20) })],
    ['time is over', () => ({ timeoutMs: 20 })],
    ['time is over, before the signal', () => ({ timeoutMs: 20, signal: AbortSignal.timeout(5000) })],
  ])('stops waiting when the caller’s %s, with the last failure', async (_name, options) => {
    let tries = 0
    const attempt = async () => {
      tries += 1
      throw new Error('busy')
    }
    const startedMs = performance.now()
    await expect(retry(attempt, { ...always, limit: startLimit(options()) })).rejects.toThrow('busy')
    expect(tries).toBe(1)
    expect(performance.now() - startedMs).toBeLessThan(90)
  })

  it('keeps an answer that came together with the abort', async () => {
    const controller = new AbortController()
    const attempt = async () => {
      controller.abort()
      return 'answer'
    }
    await expect(retry(attempt, { ...always, limit: startLimit({ signal: controller.signal }) })).resolves.toBe(
      'answer',
    )
  })
})
