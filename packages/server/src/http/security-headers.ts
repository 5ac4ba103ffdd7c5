import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import helmet from 'helmet'

/** The headers that Helmet sets by default; they are the same for every answer, so that it is asked once. */
function findHeaders(): Record<string, string> {
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
  return headers
}

/** Puts Helmet's headers on every answer of the app. */
export function addSecurityHeaders(app: FastifyInstance): void {
  const headers = findHeaders()
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
}
