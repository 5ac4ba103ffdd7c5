import { type Dispatcher, Pool } from 'undici'
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

/** An answer that has arrived as a whole. */
export interface WireResponse {
  readonly status: number
  /** A header by its name in lower case; one that came twice is none. */
  header(name: string): string | undefined
  readonly text: string
}

/** A request under way. */
export interface Exchange {
  /** Rejects with `IncompleteAnswer` when it broke off after its headers. */
  readonly answer: Promise<WireResponse>
  /** Gives it up: `answer` rejects at once, wherever the request is. */
  stop(): void
}

/** Puts requests on the wire, and judges nothing. */
export interface Transport {
  send(request: WireRequest): Exchange
  close(): Promise<void>
}

/** The headers came, and not all of the body. */
export class IncompleteAnswer extends Error {
  readonly status: number

  constructor(status: number, cause: unknown) {
    super(`the answer (HTTP ${status}) broke off`, { cause })
    this.status = status
  }
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
    // The limit of the whole call is its caller's.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  let closing: Promise<void> | undefined
  return {
    send({ method, target, body, headers }) {
      const collector = new AnswerCollector()
      const options = { method, path: target, headers: { ...headersOf(body), ...headers }, body: body ?? null }
      pool.dispatch(options, collector)
      return collector
    },
    close() {
      closing ??= pool.close()
      return closing
    },
  }
}

/** Takes in an answer of some hundred bytes; `pool.request` would make a stream of it, which costs as much as the rest. */
class AnswerCollector implements Dispatcher.DispatchHandler, Exchange {
  readonly answer: Promise<WireResponse>
  #resolve!: (response: WireResponse) => void
  #reject!: (error: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #stopped: Error | undefined
  #status: number | undefined
  #headers: Record<string, string | string[] | undefined> = {}
  readonly #chunks: Buffer[] = []

  constructor() {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  stop(): void {
    this.#stopped = new Error('given up')
    // One that waits for a free connection has no controller yet.
    this.#controller?.abort(this.#stopped)
    this.#reject(this.#stopped)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#stopped) controller.abort(this.#stopped)
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // Before the answer there may be others, such as 100 and 103.
    if (status < 200) return
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const headers = this.#headers
    const [first = Buffer.alloc(0), ...more] = this.#chunks
    this.#resolve({
      status: this.#status ?? 0,
      header(name) {
        const value = headers[name]
        return typeof value === 'string' ? value : undefined
      },
      text: decode(more.length === 0 ? first : Buffer.concat(this.#chunks)),
    })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(this.#status === undefined ? error : new IncompleteAnswer(this.#status, error))
  }
}

/** UTF-8, without the mark that some gateways begin it with. */
function decode(bytes: Buffer): string {
  const text = bytes.toString()
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function createFetchTransport(origin: string, fetch: typeof globalThis.fetch): Transport {
  async function exchange({ method, target, body, headers }: WireRequest, signal: AbortSignal): Promise<WireResponse> {
    // Followed, a redirect would carry secrets to wherever it points.
    const init = { method, body: body ?? null, signal, redirect: 'manual' } as const
    const response = await fetch(origin + target, { ...init, headers: { ...headersOf(body), ...headers } })
    const { status } = response
    const text = await response.text().catch(error => {
      throw new IncompleteAnswer(status, error)
    })
    return { status, header: name => response.headers.get(name) ?? undefined, text }
  }

  return {
    send(request) {
      const stopping = new AbortController()
      // A fetch of somebody else's may not listen to the signal.
      const answer = untilAborted(exchange(request, stopping.signal), stopping.signal)
      return { answer, stop: () => stopping.abort() }
    },
    close: async () => {},
  }
}

function headersOf(body: string | undefined): Record<string, string> {
  return body === undefined
    ? { accept: 'application/json' }
    : { accept: 'application/json', 'content-type': 'application/json' }
}
