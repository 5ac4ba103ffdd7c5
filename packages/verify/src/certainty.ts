import { isErrorCode } from '@mplogin/contract'
import { LRUCache } from 'lru-cache'
import { VerifyError, type VerifyErrorCode } from './errors.js'
import type { ParsedOptions } from './options.js'

const maxSessions = 10_000

/** Asks the login server whether the session of a token still lives; of one session at a time, and not again for seconds. */
export function createCertainty(
  { meUrl, cacheSeconds }: NonNullable<ParsedOptions['certainty']>,
  options: ParsedOptions,
) {
  const { fetch, timeoutMs, clock } = options
  const alive = new LRUCache<string, { until: number }>({ max: maxSessions })
  const asking = new Map<string, Promise<void>>()

  async function ask(token: string, sessionId: string): Promise<void> {
    const response = await fetch(meUrl, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    }).catch(cause => {
      throw new VerifyError('SERVICE_UNAVAILABLE', 'the login server does not answer', cause)
    })
    if (response.ok) {
      await response.body?.cancel()
      alive.set(sessionId, { until: clock().getTime() + cacheSeconds * 1000 })
      return
    }
    alive.delete(sessionId)
    throw new VerifyError(await codeOf(response), `the login server answers ${response.status}`)
  }

  return {
    /** @throws VerifyError SESSION_REVOKED · ACCOUNT_DISABLED · SERVICE_UNAVAILABLE it could not be asked */
    async assertAlive(token: string, sessionId: string): Promise<void> {
      if ((alive.get(sessionId)?.until ?? 0) > clock().getTime()) return
      const mine = asking.get(sessionId) ?? ask(token, sessionId).finally(() => asking.delete(sessionId))
      asking.set(sessionId, mine)
      await mine
    },
  }
}

/** Refusals of the login server are handed on; any other answer means that it cannot be asked. */
async function codeOf(response: Response): Promise<VerifyErrorCode> {
  const body: unknown = await response.json().catch(() => undefined)
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined
  if (!isErrorCode(code)) return 'SERVICE_UNAVAILABLE'
  switch (code) {
    case 'UNAUTHENTICATED':
    case 'TOKEN_EXPIRED':
    case 'SESSION_REVOKED':
    case 'ACCOUNT_DISABLED':
      return code
    default:
      return 'SERVICE_UNAVAILABLE'
  }
}
