import { checkTarget, headerObject, headersOf } from './http.js'
import { callBack, failure, type WxCallbacks } from './settle.js'
import type { Tasks, WxTask } from './task.js'

/** What wx.request takes. */
export interface WxRequestOptions extends WxCallbacks<WxRequestResult> {
  readonly url: string
  /** In capitals. Default GET. */
  readonly method?: string | undefined
  /** In the query of a GET, otherwise the body: JSON, or a form where the content type says so. */
  readonly data?: unknown
  /** Content-Type is `application/json` unless given. */
  readonly header?: Readonly<Record<string, unknown>> | undefined
  readonly timeout?: number | undefined
  /** Default `json`: the body is parsed where it can be. */
  readonly dataType?: string | undefined
  readonly responseType?: string | undefined
  /** Default `follow`. With `manual` the answer is the redirect itself (facts: T; confidence A that it ends, C that it is a success). */
  readonly redirect?: string | undefined
}

/** What it gives: any status is a success. */
export interface WxRequestResult {
  // biome-ignore lint/suspicious/noExplicitAny: as in WeChat's own typings, it is whatever the server sent
  readonly data: any
  readonly statusCode: number
  readonly header: Record<string, string>
  readonly cookies: string[]
  /** Milliseconds; others of WeChat's are not there. */
  readonly profile: { readonly queueStart: number; readonly queueEnd: number; readonly responseEnd: number }
}

/** What calls are sent with. */
export interface Sender {
  readonly tasks: Tasks
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  readonly referer: string
  readonly timeoutMs: number
  readonly domains?: readonly string[]
}

/** wx.request: no promise, but a task; 10 at once, the others wait (facts 5.5). */
export function createRequest(sender: Sender) {
  return function request(options: WxRequestOptions): WxTask {
    return runTask('request', sender, options, async (signal, heard) => {
      const { method = 'GET', header, data, dataType = 'json', responseType = 'text' } = options
      const redirect = options.redirect === 'manual' ? 'manual' : 'follow'
      const { referer, domains, fetch } = sender
      const url = checkTarget('request', { url: options.url, method }, domains)
      const headers = headersOf(header, { referer, contentType: 'application/json' })
      const body = method === 'GET' || method === 'HEAD' ? addQuery(url, data) : encode(data, headers)
      const response = await fetch(url, { method, headers, signal, redirect, ...(body !== undefined && { body }) })
      const answer = { ...headerObject(response.headers), statusCode: response.status }
      heard(answer)
      if (responseType === 'arraybuffer') return { ...answer, data: await response.arrayBuffer() }
      const text = await response.text()
      return { ...answer, data: dataType === 'json' ? parse(text) : text }
    })
  }
}

type Heard = Parameters<Parameters<WxTask['onHeadersReceived']>[0]>[0]

/** Runs a call as a task of WeChat's, whose callbacks are told of its end. */
export function runTask<Result extends object>(
  api: string,
  { tasks, now, timeoutMs }: Sender,
  options: WxCallbacks<Result & Pick<WxRequestResult, 'profile'>> & { readonly timeout?: number | undefined },
  send: (signal: AbortSignal, heard: (answer: Heard) => void) => Promise<Result>,
): WxTask {
  const listeners = new Set<(answer: Heard) => void>()
  const queueStart = now()
  const { result, stop } = tasks.add({
    api,
    timeoutMs: options.timeout ?? timeoutMs,
    async perform(signal) {
      const queueEnd = now()
      const received = await send(signal, answer => {
        for (const listener of listeners) listener(answer)
      })
      return { ...received, profile: { queueStart, queueEnd, responseEnd: now() } }
    },
  })
  callBack(api, options, () => result)
  return {
    abort: () => stop(failure(api, 'abort')),
    onHeadersReceived: listener => void listeners.add(listener),
    offHeadersReceived: listener => (listener ? void listeners.delete(listener) : listeners.clear()),
  }
}

/** The data of a GET goes into the query. */
function addQuery(url: URL, data: unknown): undefined {
  if (typeof data !== 'object' || data === null || data instanceof ArrayBuffer) return undefined
  for (const [name, value] of Object.entries(data)) url.searchParams.append(name, textOf(value))
  return undefined
}

function encode(data: unknown, headers: Headers): string | ArrayBuffer | undefined {
  if (data === undefined || data === null) return undefined
  if (typeof data === 'string' || data instanceof ArrayBuffer) return data
  if (!headers.get('content-type')?.includes('application/x-www-form-urlencoded')) return JSON.stringify(data)
  const pairs = Object.entries(data).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(textOf(value))}`,
  )
  return pairs.join('&')
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
