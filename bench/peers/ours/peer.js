import { randomBytes } from 'node:crypto'
import { contract } from '../contract.js'

const refreshToken = '"refreshToken":"'

/** mplogin, as published. */
export const ours = {
  name: 'ours',
  title: 'mplogin',
  about:
    '`mplogin serve` with everything on: sessions, audit, events, rate limit, metrics, log to a file; @mplogin/verify',
  packages: ['@mplogin/server'],
  databases: ['postgres', 'mysql', 'sqlite'],
  lacks: {},
  server: { module: '../packages/server/bin/mplogin.js', args: ['serve'] },
  backend: { module: 'peers/ours/backend.js' },
  // The limit counts as always, and is not reached: all of the load comes from one address.
  environment: () => ({ MPLOGIN_SECRET: randomBytes(32).toString('base64'), RATE_LIMIT_PER_MINUTE: '10000000' }),
  /** What the back end is told of the login server. */
  backendEnvironment: loginUrl => ({ JWKS_URI: `${loginUrl}/.well-known/jwks.json` }),
  accountsTable: 'accounts',
  seed: () => import('./seed.js'),
  requests: {
    ...contract,
    expectsReturning: number => [...contract.expectsReturning(number), refreshToken],
    expectsNew: () => [...contract.expectsNew(), refreshToken],
    expectsPhone: number => [...contract.expectsPhone(number), refreshToken],
  },
}
