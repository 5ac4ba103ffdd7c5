import {
  commonErrors,
  type ErrorCode,
  errorStatus,
  type Route,
  type RouteName,
  routes,
  Success,
  type SuccessMessage,
  successMessages,
} from '@mplogin/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { LoginError } from '../errors.js'
import type { Caller } from '../login/context.js'
import type { Login } from '../login/create-login.js'
import { languageOf } from './language.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on routes that ask for an access token. */
    mploginCaller?: Caller
  }
}

type DataOf<Name extends RouteName> = Static<(typeof routes)[Name]['data']>
type BodyOf<Name extends RouteName> = (typeof routes)[Name] extends {
  body: infer Body extends NonNullable<Route['body']>
}
  ? Static<Body>
  : undefined

/** What a handler of a route gets. */
export interface HandlerInput<Name extends RouteName> {
  readonly request: FastifyRequest
  readonly body: BodyOf<Name>
}

/** Adds a route of the contract: its schemas, its check of the access token, the envelope around its answer. */
export function defineRoute<Name extends RouteName>(
  app: FastifyInstance,
  login: Login,
  name: Name,
  message: SuccessMessage,
  handler: (input: HandlerInput<Name>) => Promise<DataOf<Name>>,
  /** What this server takes otherwise than the contract says. */
  change: { body?: TSchema } = {},
): void {
  const route: Route = { ...routes[name], ...change }
  app.route({
    method: route.method,
    url: route.path,
    schema: schemaOf(name, route),
    // The schema of a form is documentation: its file is read and judged by the handler.
    ...(route.form && { validatorCompiler: () => (value: unknown) => ({ value }) }),
    // After the rate limit, which counts in onRequest, and before the body is read.
    ...(route.bearer && {
      preParsing: async (request: FastifyRequest) => {
        request.mploginCaller = await login.authenticate(bearerTokenOf(request))
      },
    }),
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const data = await handler({ request, body: request.body as BodyOf<Name> })
      return reply
        .header('cache-control', 'no-store')
        .send({ code: 'OK', msg: successMessages[message][languageOf(request)], data })
    },
  })
}

/** The caller of a route that asks for an access token. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.mploginCaller) throw new Error(`${request.routeOptions.url} does not ask for an access token`)
  return request.mploginCaller
}

function bearerTokenOf({ headers }: FastifyRequest): string {
  const [, token] = /^bearer ([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '') ?? []
  if (token === undefined) throw new LoginError('UNAUTHENTICATED', 'there is no bearer token')
  return token
}

function schemaOf(name: RouteName, route: Route): NonNullable<RouteShorthandOptions['schema']> {
  const failures: Record<number, { description: string; $ref: string }> = {}
  for (const [status, codes] of errorsByStatus([...route.errors, ...commonErrors])) {
    failures[status] = { description: codes.join(' · '), $ref: 'Failure#' }
  }
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    ...(route.bearer && { security: [{ bearer: [] }] }),
    ...(route.headers && { headers: route.headers }),
    ...(route.body && { body: route.body }),
    ...(route.form && { consumes: ['multipart/form-data'], body: route.form }),
    ...(route.params && { params: route.params }),
    response: { 200: { description: 'Done', ...Success(route.data) }, ...failures },
  } as NonNullable<RouteShorthandOptions['schema']>
}

function errorsByStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const grouped = new Map<number, ErrorCode[]>()
  for (const code of new Set(codes)) grouped.set(errorStatus[code], [...(grouped.get(errorStatus[code]) ?? []), code])
  return grouped
}
