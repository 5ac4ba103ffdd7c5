import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import helmet from 'helmet'

/**
 * What an answer that is no page needs.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
 */
const apiHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
}

/** The headers that Helmet sets by default; they are the same for every answer, so that it is asked once. */
function findPageHeaders(): Record<string, string> {
  const headers: Record<string, string> = {}
  const answer = {
    setHeader(name: string, value: string) {
      headers[name.toLowerCase()] = value
    },
    removeHeader: () => undefined,
  }
  const setAll = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } })
  setAll({} as never, answer as unknown as ServerResponse, error => {
    if (error) throw error
  })
  // It speaks for a whole domain, which is its host's to decide; the app sets it for all that it answers.
  const { 'strict-transport-security': _ofTheDomain, ...ofPages } = headers
  return ofPages
}

/** Protects the answers of the app. A phone on a bad network gets the few headers that mean something to it. */
export function addSecurityHeaders(app: FastifyInstance): void {
  addHeaders(app, apiHeaders)
}

/** Protects the pages of the scope, by Helmet's headers. */
export function addPageHeaders(scope: FastifyInstance): void {
  addHeaders(scope, findPageHeaders())
}

function addHeaders(scope: FastifyInstance, headers: Record<string, string>): void {
  scope.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
}
