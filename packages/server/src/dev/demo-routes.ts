import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import { addPageHeaders } from '../http/security-headers.js'
import type { Db } from '../store/database.js'
import { listAccounts } from './list-accounts.js'

/** One mini program on the page. */
export interface DemoApp {
  readonly appid: string
  readonly name: { readonly 'zh-CN': string; readonly en: string }
  readonly personal: boolean
}

/** What the page needs to know. */
export interface DemoOptions {
  readonly db: Db
  readonly emulatorUrl: string
  readonly apps: readonly DemoApp[]
  readonly maskPhone: (sealed: string) => string
}

/** The page of `mplogin dev` and what it asks besides the API. Development only: it shows accounts to whoever asks. */
export const demoRoutes: FastifyPluginAsync<DemoOptions> = async (app, { db, emulatorUrl, apps, maskPhone }) => {
  const policy = `default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ${emulatorUrl}; frame-ancestors 'self'`
  addPageHeaders(app)
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', policy)
  })
  app.get('/_demo/config.json', { schema: { hide: true } }, async () => ({ emulatorUrl, apps }))
  app.get('/_demo/accounts', { schema: { hide: true } }, async () => ({ accounts: await listAccounts(db, maskPhone) }))
  await app.register(fastifyStatic, { root: pageDirectory(), wildcard: false, decorateReply: false })
}

function pageDirectory(): string {
  return dirname(fileURLToPath(import.meta.resolve('@mplogin/demo/index.html')))
}
