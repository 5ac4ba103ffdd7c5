import {
  codeHints,
  type ErrorCode,
  type ErrorDetail,
  errorMessages,
  errorStatus,
  type Failure,
} from '@mplogin/contract'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { LoginError } from '../errors.js'
import { classifyDatabaseError } from '../store/failures.js'
import { languageOf } from './language.js'

/** Seconds after which a client may try again when the database is not to be had. */
const databaseRetrySeconds = 2

/** Fastify's own errors by their code: https://fastify.dev/docs/latest/Reference/Errors/ */
const frameworkErrors: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
  FST_REQ_FILE_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_PARTS_LIMIT: 'PAYLOAD_TOO_LARGE',
  FST_FILES_LIMIT: 'PAYLOAD_TOO_LARGE',
  FST_FIELDS_LIMIT: 'PAYLOAD_TOO_LARGE',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
}

/** Turns whatever was thrown into an error of the contract. */
export function toLoginError(error: unknown): LoginError {
  if (error instanceof LoginError) return error
  if (classifyDatabaseError(error) !== undefined) {
    return new LoginError('SERVICE_UNAVAILABLE', 'the database cannot serve now', {
      cause: error,
      retryAfterSeconds: databaseRetrySeconds,
    })
  }
  const { code, statusCode, validation } = error as Partial<FastifyError>
  if (validation)
    return new LoginError('BAD_REQUEST', 'the request does not match its schema', { details: toDetails(validation) })
  const known = code === undefined ? undefined : frameworkErrors[code]
  if (known) return new LoginError(known, (error as Error).message)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new LoginError('BAD_REQUEST', 'the request cannot be read', {
      details: [{ path: '', message: 'expected a JSON object' }],
    })
  }
  return new LoginError('INTERNAL', 'an unexpected error', { cause: error })
}

function toDetails(validation: NonNullable<FastifyError['validation']>): ErrorDetail[] {
  return validation.map(({ instancePath, message = 'is not valid' }) => ({ path: instancePath, message }))
}

/** Answers an error in the request's language, and logs its detail under the same request id. */
export function sendFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = toLoginError(error)
  logFailure(failure, request)
  const language = languageOf(request)
  const text = failure.hint ? codeHints[failure.hint] : errorMessages[failure.code]
  const body: Failure = {
    code: failure.code,
    msg: text[language],
    requestId: request.id,
    ...(failure.details && { details: failure.details }),
    ...(failure.conflict && { ticket: failure.conflict.ticket, choices: [...failure.conflict.choices] }),
  }
  if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', String(failure.retryAfterSeconds))
  if (failure.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply
    .code(errorStatus[failure.code])
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(body)
}

function logFailure(failure: LoginError, request: FastifyRequest): void {
  const detail = { code: failure.code, reason: failure.message }
  if (failure.status >= 500) request.log.error({ ...detail, err: failure.cause ?? failure }, 'request failed')
  else request.log.info(detail, 'request refused')
}
