import { readFileSync } from 'node:fs'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { addPageHeaders } from './security-headers.js'

/** Collects the routes that follow into OpenAPI 3.1, at `/openapi.json` with its page at `/docs`. */
export async function addApiDocs(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'mplogin',
        version,
        description:
          'Login for WeChat mini programs: one person, one account. Success is `{ code: "OK", msg, data }`; failure is `{ code, msg, requestId }` with a matching status. `msg` is Chinese unless `Accept-Language` prefers English.',
      },
      tags: ['Login', 'Sessions', 'Account', 'Service'].map(name => ({ name })),
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => (json.$id ? String(json.$id) : `schema-${i}`) },
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  await app.register(async pages => {
    addPageHeaders(pages)
    await pages.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      logo: {
        type: 'image/svg+xml',
        content: readFileSync(new URL('../../assets/logo.svg', import.meta.url)),
        href: '#',
      },
      theme: {
        title: 'mplogin API',
        css: [{ filename: 'mplogin.css', content: '.topbar form { display: none !important }' }],
      },
    })
  })
}
