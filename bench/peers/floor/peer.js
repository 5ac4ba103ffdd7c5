import { generateKeyPairSync } from 'node:crypto'
import { contract } from '../contract.js'

/** The floor. */
export const floor = {
  name: 'floor',
  title: 'floor',
  about: 'Fastify, prepared statements, undici, ES256 by node:crypto; one statement a login and nothing else',
  packages: ['fastify', 'pg', 'undici'],
  databases: ['postgres', 'mysql', 'sqlite'],
  lacks: { refresh: 'no sessions' },
  server: { module: 'peers/floor/server.js' },
  backend: { module: 'peers/floor/backend.js' },
  environment: () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return { TOKEN_SECRET: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') }
  },
  accountsTable: 'users',
  seed: () => import('./seed.js'),
  requests: contract,
}
