import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** A request handler of node:http, as Express, Koa and Nest mount them. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Turns an app into a handler for another framework: `express.use('/auth', toNodeHandler(app))`. Mount it before any
 * body parser: the app reads bodies itself.
 */
export function toNodeHandler(app: FastifyInstance): NodeHandler {
  const ready = app.ready()
  return (request, response) => {
    ready.then(
      () => app.routing(request, response),
      () => response.writeHead(503).end(),
    )
  }
}
