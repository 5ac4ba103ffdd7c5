import { Pool } from 'undici'
import type { Settings } from './options.js'
import { untilAborted } from './until-aborted.js'

/** A request as it goes over the wire. `target` holds the query and with it secrets: it is never printed. */
export interface WireRequest {
  readonly method: 'GET' | 'POST'
  readonly target: string
  readonly body: string | undefined
  /** Besides those of the body's type. */
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer whose headers have arrived. */
export interface WireResponse {
  readonly status: number
  /** A header by its name in lower case; one that came twice is none. */
  header(name: string): string | undefined
  text(): Promise<string>
}

/** Puts requests on the wire, and judges nothing. What waits for it ends when the signal aborts. */
export interface Transport {
  send(request: WireRequest, signal: AbortSignal): Promise<WireResponse>
  close(): Promise<void>
}

// Enough for some thousand logins a second at 50 ms each; what exceeds it waits for a free connection.
const maxConnections = 128
// WeChat's answers are below a kilobyte.
const maxResponseBytes = 1024 * 1024

/** The transport of these settings: the caller's `fetch` if there is one, else a pool of keep-alive connections. */
export function createTransport({
  origin,
  timeoutMs,
  fetch,
}: Pick<Settings, 'origin' | 'timeoutMs' | 'fetch'>): Transport {
  return fetch ? createFetchTransport(origin, fetch) : createPoolTransport(origin, timeoutMs)
}

function createPoolTransport(origin: string, timeoutMs: number): Transport {
  const pool = new Pool(origin, {
    connections: maxConnections,
    maxResponseSize: maxResponseBytes,
    // Half of the whole limit: a failed connection is then known as such, and a code may still be sent again.
    connect: { timeout: Math.ceil(timeoutMs / 2) },
    // The limit of the whole call is the signal's.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  let closing: Promise<void> | undefined
  return {
    async send({ method, target, body, headers }, signal) {
      // A request that waits for a free connection does not hear the signal.
      const response = await untilAborted(
        pool.request({
          method,
          path: target,
          headers: { ...headersOf(body), ...headers },
          body: body ?? null,
          signal,
        }),
        signal,
      )
      return {
        status: response.statusCode,
        header: name => {
          const value = response.headers[name]
          return typeof value === 'string' ? value : undefined
        },
        text: () => response.body.text(),
      }
    },
    close() {
      closing ??= pool.close()
      return closing
    },
  }
}

function createFetchTransport(origin: string, fetch: typeof globalThis.fetch): Transport {
  return {
    async send({ method, target, body, headers }, signal) {
      // Followed, a redirect would carry secrets to wherever it points.
      const init = { method, body: body ?? null, signal, redirect: 'manual' } as const
      const fetching = fetch(origin + target, { ...init, headers: { ...headersOf(body), ...headers } })
      // A fetch of somebody else's may not listen to the signal.
      const response = await untilAborted(fetching, signal)
      return {
        status: response.status,
        header: name => response.headers.get(name) ?? undefined,
        text: () => untilAborted(response.text(), signal),
      }
    },
    close: async () => {},
  }
}

function headersOf(body: string | undefined): Record<string, string> {
  return body === undefined
    ? { accept: 'application/json' }
    : { accept: 'application/json', 'content-type': 'application/json' }
}
