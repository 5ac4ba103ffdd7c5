import type { FastifyInstance } from 'fastify'

/** Bodies are small: the largest is legacy encrypted data of about a kilobyte. */
export const bodyLimitBytes = 64 * 1024

/** Reads JSON only, and takes an empty body for none: mini programs name the JSON type also where they send nothing. */
export function parseJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: bodyLimitBytes },
    (request, text, done) => {
      if (text === '') done(null, undefined)
      else parse(request, String(text), done)
    },
  )
}
