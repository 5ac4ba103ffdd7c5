import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.js'
import { minuteMs } from '../clock.js'
import { LoginError } from '../errors.js'
import type { Keyring } from '../keyring.js'

const keepMs = 5 * minuteMs
const maxKept = 10_000

/** Asks WeChat, or gives the answer that an earlier try of the same request got; `question` names the code and all that the answer depends on. */
export type AskOnce = <T>(question: string, ask: () => Promise<T>) => Promise<T>

/** What WeChat answered. */
interface Answer {
  readonly question: string
  readonly answer: unknown
}

/**
 * What WeChat answered to requests that failed after it, so that a code already spent (a phone code was paid for) is
 * not lost with them: a repeat with the same code and Idempotency-Key gets the answer from here. Encrypted, in
 * memory: it is needed exactly when the database is not to be had.
 */
export function createKeptAnswers({ keyring, clock }: { keyring: Keyring; clock: Clock }) {
  const kept = new LRUCache<string, { sealed: string; until: number }>({ max: maxKept })

  function find(key: string): unknown {
    const entry = kept.get(key)
    if (!entry || entry.until <= clock().getTime()) return undefined
    const text = keyring.unseal('kept-answer', entry.sealed)
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** Under any secret: it may have been replaced since the first try. */
  const keysOf = (idempotencyKey: string | undefined, question: string) =>
    keyring.hashes('kept-answer', `${idempotencyKey ?? ''}\n${question}`)

  function findKept(idempotencyKey: string | undefined, question: string): unknown {
    // Nearly always nothing is kept, and nothing has to be hashed.
    if (kept.size === 0) return undefined
    return keysOf(idempotencyKey, question)
      .map(find)
      .find(answer => answer !== undefined)
  }

  function keep(idempotencyKey: string | undefined, answers: readonly Answer[]): void {
    const until = clock().getTime() + keepMs
    for (const { question, answer } of answers) {
      const [key] = keysOf(idempotencyKey, question)
      kept.set(key, { sealed: keyring.seal('kept-answer', JSON.stringify(answer)), until })
    }
  }

  function forget(idempotencyKey: string | undefined, answers: readonly Answer[]): void {
    for (const { question } of answers) kept.delete(keysOf(idempotencyKey, question)[0])
  }

  /**
   * Runs one request. When it fails, the answers it got are kept; when it succeeds, they are forgotten, unless nothing else
   * would tell a repeat of it (`alsoAfter: 'success'`). Without an Idempotency-Key only an outage keeps them: a request that
   * was answered with a decision has spent its codes.
   */
  async function during<T>(
    idempotencyKey: string | undefined,
    request: (ask: AskOnce) => Promise<T>,
    { alsoAfter }: { alsoAfter?: 'success' } = {},
  ): Promise<T> {
    const answers: Answer[] = []
    const askOnce: AskOnce = async (question, ask) => {
      const answer =
        (findKept(idempotencyKey, question) as Awaited<ReturnType<typeof ask>> | undefined) ?? (await ask())
      answers.push({ question, answer })
      return answer
    }
    try {
      const result = await request(askOnce)
      if (alsoAfter && idempotencyKey !== undefined) keep(idempotencyKey, answers)
      else if (kept.size > 0) forget(idempotencyKey, answers)
      return result
    } catch (error) {
      const isOutage = !(error instanceof LoginError) || error.status >= 500
      if (idempotencyKey !== undefined || isOutage) keep(idempotencyKey, answers)
      throw error
    }
  }

  return { during }
}

export type KeptAnswers = ReturnType<typeof createKeptAnswers>
