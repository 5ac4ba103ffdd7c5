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

/**
 * The standard output, written to in pieces: a system call for every line costs a tenth of a login. What waits is written
 * after a tenth of a second, and when the process ends.
 */
function createOutput(): DestinationStream {
  return pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 100 })
}
