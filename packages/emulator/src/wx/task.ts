import type { createForeground } from './foreground.js'
import type { createNetwork } from './network.js'
import { failure, isFailure, type WxFailure } from './settle.js'

/** What request and uploadFile give back. */
export interface WxTask {
  /** Ends it with `fail abort`. */
  abort(): void
  onHeadersReceived(listener: HeadersListener): void
  offHeadersReceived(listener?: HeadersListener): void
}

type HeadersListener = (answer: {
  readonly header: Record<string, string>
  readonly statusCode: number
  readonly cookies: string[]
}) => void

/** A piece of work on the network: `perform` sends when its turn has come. */
export interface Work<Result> {
  /** Such as `request`. */
  readonly api: string
  /** Counted from when it is sent, not from when it began to wait for its turn (our choice). */
  readonly timeoutMs: number
  readonly perform: (signal: AbortSignal) => Promise<Result>
}

interface Task {
  readonly api: string
  readonly begin: () => void
  readonly stop: (failed: WxFailure) => void
  interruption?: ReturnType<typeof setTimeout> | undefined
}

/** Network tasks: so many at once, the others wait; none outlives the network, nor the background for long (facts 5.5). */
export function createTasks(options: {
  limit: number
  interruptedAfterMs: number
  network: ReturnType<typeof createNetwork>
  foreground: ReturnType<typeof createForeground>
}) {
  const { limit, interruptedAfterMs, network, foreground } = options
  const waiting: Task[] = []
  const running = new Set<Task>()
  const all = () => [...running, ...waiting]

  function next(): void {
    while (running.size < limit && waiting.length > 0) {
      const task = waiting.shift() as Task
      running.add(task)
      task.begin()
    }
  }

  function leave(task: Task): void {
    clearTimeout(task.interruption)
    running.delete(task)
    const place = waiting.indexOf(task)
    if (place >= 0) waiting.splice(place, 1)
    next()
  }

  function arm(task: Task): void {
    const interrupted = failure(task.api, 'interrupted', 600003)
    task.interruption = setTimeout(() => task.stop(interrupted), interruptedAfterMs)
  }

  network.whenLost(() => {
    for (const task of all()) task.stop(offlineFailure(task.api))
  })
  foreground.whenMoved(isHidden => {
    for (const task of all()) {
      if (isHidden) arm(task)
      else clearTimeout(task.interruption)
    }
  })

  return {
    /** Does a piece of work when its turn has come. The result is rejected with a WxFailure. */
    add<Result>({ api, timeoutMs, perform }: Work<Result>): {
      result: Promise<Result>
      stop: (failed: WxFailure) => void
    } {
      const ended = new AbortController()
      let stop: (failed: WxFailure) => void = () => undefined
      let begin: () => void = () => undefined
      const stopped = new Promise<never>((_resolve, reject) => {
        stop = failed => {
          reject(failed)
          ended.abort()
        }
      })
      const turn = new Promise<void>(resolve => {
        begin = resolve
      })
      const task: Task = { api, begin, stop }
      const result = (async () => {
        let timer: ReturnType<typeof setTimeout> | undefined
        try {
          await Promise.race([turn, stopped])
          if (network.isOffline()) throw offlineFailure(api)
          timer = setTimeout(() => stop(failure(api, 'timeout', 5)), timeoutMs)
          return await Promise.race([perform(ended.signal), stopped])
        } catch (error) {
          throw isFailure(error) ? error : networkFailure(api, error)
        } finally {
          clearTimeout(timer)
          leave(task)
        }
      })()
      waiting.push(task)
      if (foreground.isHidden()) arm(task)
      next()
      return { result, stop }
    },
  }
}

export type Tasks = ReturnType<typeof createTasks>

function offlineFailure(api: string): WxFailure {
  return failure(api, 'net::ERR_INTERNET_DISCONNECTED', 600001)
}

/** What Node calls these; a browser does not tell. The texts are Chromium's names, which WeChat's client shows too. */
const netErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'ERR_CONNECTION_REFUSED',
  ECONNRESET: 'ERR_CONNECTION_RESET',
  UND_ERR_SOCKET: 'ERR_CONNECTION_CLOSED',
  ENOTFOUND: 'ERR_NAME_NOT_RESOLVED',
}

function networkFailure(api: string, error: unknown): WxFailure {
  const { cause } = error as { cause?: { code?: string } }
  return failure(api, `net::${netErrors[cause?.code ?? ''] ?? 'ERR_FAILED'}`, 600001)
}
