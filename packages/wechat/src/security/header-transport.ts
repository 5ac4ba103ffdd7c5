import { Pool } from 'undici'
import type { Settings } from '../options.js'

/** A request with headers of its own. */
export interface HeaderRequest {
  readonly target: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** An answer with its headers, their names in lower case. */
export interface HeaderResponse {
  readonly status: number
  header(name: string): string | undefined
  text(): Promise<string>
}

/** Posts requests with headers: what the plain transport does not carry. */
export interface HeaderTransport {
  post(request: HeaderRequest, signal: AbortSignal): Promise<HeaderResponse>
  close(): Promise<void>
}

const maxConnections = 64
const maxResponseBytes = 1024 * 1024

/** The caller's `fetch` if there is one, else keep-alive connections. */
export function createHeaderTransport({
  origin,
  timeoutMs,
  fetch,
}: Pick<Settings, 'origin' | 'timeoutMs' | 'fetch'>): HeaderTransport {
  const fixed = { accept: 'application/json', 'content-type': 'application/json' }
  if (fetch) {
    return {
      async post({ target, body, headers }, signal) {
        const init = { method: 'POST', headers: { ...fixed, ...headers }, body, signal, redirect: 'manual' } as const
        const response = await fetch(origin + target, init)
        return {
          status: response.status,
          header: name => response.headers.get(name) ?? undefined,
          text: () => response.text(),
        }
      },
      close: async () => {},
    }
  }
  const pool = new Pool(origin, {
    connections: maxConnections,
    maxResponseSize: maxResponseBytes,
    connect: { timeout: Math.ceil(timeoutMs / 2) },
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  let closing: Promise<void> | undefined
  return {
    async post({ target, body, headers }, signal) {
      const request = { method: 'POST', path: target, headers: { ...fixed, ...headers }, body, signal } as const
      const response = await pool.request(request)
      return {
        status: response.statusCode,
        header: name => {
          const value = response.headers[name]
          // A header that came twice is nobody's.
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
