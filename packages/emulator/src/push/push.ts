import { EmulatorError } from '../emulator-error.js'
import { isLoopback } from '../loopback.js'
import type { AppPush } from '../world/types.js'
import type { World } from '../world/world.js'
import { encryptMessage, signParts } from './crypt.js'
import { formatMessage, type PushInput, type PushMessage, writeMessage } from './message.js'

/** One attempt to deliver. */
export interface PushAttempt {
  /** Null when there was no answer in time. */
  readonly status: number | null
  /** The beginning of what was answered. */
  readonly body: string
  readonly durationMs: number
  /** Why there was no answer. */
  readonly error?: string
}

/** What came of a push. */
export interface PushResult {
  /** Answered with 200 and nothing, `success`, or an encrypted reply. */
  readonly delivered: boolean
  readonly attempts: readonly PushAttempt[]
  /** What was told, before it was encrypted. */
  readonly message: PushMessage
}

/** WeChat waits 5 s for an answer, and asks three times (the message push guide; confidence A for the 5 s, B for the count). */
const answerWithinMs = 5000
const attemptsAtMost = 3
const longestBody = 500

/**
 * Sends events to the address of an app as WeChat does.
 *
 * @param deps.allowRemote whether it may call other machines than this one
 * @param deps.timeoutMs for tests; WeChat's own is 5000
 */
export function createPush(deps: { world: World; allowRemote: boolean; timeoutMs?: number | undefined }) {
  const { world, allowRemote, timeoutMs = answerWithinMs } = deps
  const ended = new AbortController()

  /** @throws EmulatorError BAD_REQUEST without an address, or with one on another machine · NOT_FOUND */
  function settingsOf(appid: string | undefined, url: string | undefined): AppPush {
    const { push } = world.apps.get(appid)
    if (!push) throw new EmulatorError('BAD_REQUEST', 'the app has no push settings: url and token')
    const settings = url === undefined ? push : { ...push, url }
    if (!URL.canParse(settings.url) || !/^https?:$/.test(new URL(settings.url).protocol))
      throw new EmulatorError('BAD_REQUEST', 'push.url: expected an http or https address')
    if (!allowRemote && !isLoopback(new URL(settings.url).hostname))
      throw new EmulatorError(
        'BAD_REQUEST',
        'push.url: expected an address of this machine, unless remote access is allowed',
      )
    return settings
  }

  function address(
    { url, token }: AppPush,
    more: Record<string, string>,
  ): { url: URL; timestamp: string; nonce: string } {
    const timestamp = String(Math.floor(world.now().getTime() / 1000))
    const nonce = String(world.random(4).readUInt32BE())
    const target = new URL(url)
    for (const [name, value] of Object.entries({
      signature: signParts(token, timestamp, nonce),
      timestamp,
      nonce,
      ...more,
    }))
      target.searchParams.set(name, value)
    return { url: target, timestamp, nonce }
  }

  async function call(url: URL, init: RequestInit): Promise<PushAttempt> {
    const startedAt = performance.now()
    const durationMs = () => Math.round(performance.now() - startedAt)
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(timeoutMs)])
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal })
      return { status: response.status, body: (await response.text()).slice(0, longestBody), durationMs: durationMs() }
    } catch (error) {
      return { status: null, body: '', durationMs: durationMs(), error: reasonOf(error) }
    }
  }

  function attempt(settings: AppPush, appid: string, message: PushMessage): Promise<PushAttempt> {
    const { mode = 'plain', format = 'json', token, encodingAESKey = '' } = settings
    const headers = { 'content-type': format === 'json' ? 'application/json' : 'text/xml' }
    const text = formatMessage(message, format)
    if (mode === 'plain') {
      const { url } = address(settings, {})
      return call(url, { method: 'POST', headers, body: text })
    }
    const Encrypt = encryptMessage(text, { encodingAESKey, appid, salt: world.random(16) })
    const { url, timestamp, nonce } = address(settings, { openid: String(message.OpenID), encrypt_type: 'aes' })
    url.searchParams.set('msg_signature', signParts(token, timestamp, nonce, Encrypt))
    const visible: PushMessage = mode === 'compatible' ? message : { ToUserName: String(message.ToUserName) }
    return call(url, { method: 'POST', headers, body: formatMessage({ ...visible, Encrypt }, format) })
  }

  return {
    /**
     * Sends an event; again when it is not answered in 5 s or not accepted, three times in all.
     *
     * @throws EmulatorError BAD_REQUEST · NOT_FOUND
     */
    async send(input: PushInput): Promise<PushResult> {
      const settings = settingsOf(input.appid, input.url)
      const message = writeMessage(world, input)
      const attempts: PushAttempt[] = []
      while (attempts.length < attemptsAtMost && !ended.signal.aborted) {
        const made = await attempt(settings, String(message.AppID), message)
        attempts.push(made)
        if (isAccepted(made)) return { delivered: true, attempts, message }
      }
      return { delivered: false, attempts, message }
    },

    /** What the console does when the address is set: a GET with `echostr`, which has to be answered as it is. */
    async verify({ appid, url }: { appid?: string | undefined; url?: string | undefined }) {
      const settings = settingsOf(appid, url)
      const echostr = world.random(8).toString('hex')
      const made = await call(address(settings, { echostr }).url, { method: 'GET' })
      return { verified: made.status === 200 && made.body === echostr, attempts: [made] }
    },

    /** Gives up what is under way. */
    close: () => ended.abort(),
  }
}

export type Push = ReturnType<typeof createPush>

/** Nothing, `success`, or an encrypted reply; that anything else is asked for again is our choice. */
function isAccepted({ status, body }: PushAttempt): boolean {
  return status === 200 && (/^(success)?$/i.test(body.trim()) || body.includes('Encrypt'))
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string } }
  return name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? message)
}
