import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify'

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/** Names the request in each line. Made when the first line is written: nearly no request writes one of its own. */
class RequestLog {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: object
  readonly #options: object
  #made: FastifyBaseLogger | undefined

  constructor(parent: FastifyBaseLogger, bindings: object, options: object) {
    this.#parent = parent
    this.#bindings = bindings
    this.#options = options
  }

  get #log(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(this.#bindings, this.#options)
    return this.#made
  }

  get level(): string {
    return this.#log.level
  }

  child(bindings: object, options: object): FastifyBaseLogger {
    return this.#log.child(bindings, options)
  }

  #write(level: Level, line: readonly unknown[]): void {
    const log = this.#log as unknown as Record<Level, (...line: unknown[]) => void>
    log[level](...line)
  }

  fatal(...line: unknown[]) {
    this.#write('fatal', line)
  }
  error(...line: unknown[]) {
    this.#write('error', line)
  }
  warn(...line: unknown[]) {
    this.#write('warn', line)
  }
  info(...line: unknown[]) {
    this.#write('info', line)
  }
  debug(...line: unknown[]) {
    this.#write('debug', line)
  }
  trace(...line: unknown[]) {
    this.#write('trace', line)
  }
  silent(...line: unknown[]) {
    this.#write('silent', line)
  }
}

/** Makes the loggers of requests. */
export const createRequestLog: NonNullable<FastifyServerOptions['childLoggerFactory']> = (parent, bindings, options) =>
  new RequestLog(parent, bindings, options) as unknown as FastifyBaseLogger
