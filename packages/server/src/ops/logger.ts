import { type DestinationStream, type Logger, pino } from 'pino'

/** Fields that may carry a secret wherever they appear; errors of ours never do, this is the second fence. */
const secretFields = [
  'authorization',
  'cookie',
  'code',
  'loginCode',
  'secret',
  'session_key',
  'sessionKey',
  'access_token',
  'accessToken',
  'refreshToken',
  'encryptedData',
  'iv',
  'phone',
  'ticket',
]
const redacted = secretFields.flatMap(field => [
  `body.${field}`,
  `headers.${field}`,
  `query.${field}`,
  `*.body.${field}`,
  `*.headers.${field}`,
  `*.query.${field}`,
])

/**
 * The log: JSON lines. Of a request only method, route, status, time and id are written: paths without query, no
 * bodies, no headers, since WeChat and the article's clients put codes and secrets into URLs.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: redacted, censor: '(hidden)' },
    serializers: { err: pino.stdSerializers.errWithCause },
  }
  return pino(options, destination ?? createOutput())
}

/** No more than a pipe takes as a whole, so that the lines of several processes do not tear each other. */
const maxWriteBytes = 4096
/** What waits for a reader who has stopped reading; what comes after it is lost. */
const maxWaitingBytes = 8 * 1024 * 1024

/**
 * The standard output, written to in pieces, since a system call for every line shows in what a login costs. What waits is
 * written after a tenth of a second, and when the process ends.
 */
function createOutput(): DestinationStream {
  return pino.destination({
    dest: 1,
    sync: false,
    minLength: maxWriteBytes / 2,
    maxWrite: maxWriteBytes,
    maxLength: maxWaitingBytes,
    periodicFlush: 100,
  })
}
