import { randomBytes } from 'node:crypto'
import { loginCodeOf, nicknameOf, phoneCodeOf } from '../../lib/people.js'
import { requestText } from '../../lib/wire.js'
import { contract } from '../contract.js'

const base = '/api/auth'

/** better-auth; its token is that of the session. */
export const betterAuth = {
  name: 'better-auth',
  title: 'better-auth',
  about: 'better-auth on node:http with a small mini-program plugin; sessions in the database, index on account added',
  packages: ['better-auth'],
  databases: ['postgres'],
  lacks: { refresh: 'sessions slide', verifyOnce: 'as above' },
  server: { module: 'peers/better-auth/server.js' },
  backend: { module: 'peers/better-auth/backend.js' },
  environment: () => ({ TOKEN_SECRET: randomBytes(32).toString('base64') }),
  accountsTable: '"user"',
  seed: () => import('./seed.js'),
  requests: {
    ...contract,
    login: number => requestText('POST', `${base}/mini-program/login`, { body: { code: loginCodeOf(number) } }),
    loginByPhone: number =>
      requestText('POST', `${base}/mini-program/login-by-phone`, {
        body: { code: phoneCodeOf(number), loginCode: loginCodeOf(number) },
      }),
    me: token =>
      requestText('GET', `${base}/get-session`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      }),
    expectsMe: number => [`"name":"${nicknameOf(number)}"`],
    accountIdOf: answer => JSON.parse(answer).user.id,
  },
}
