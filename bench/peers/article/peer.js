import { randomBytes } from 'node:crypto'
import { loginCodeOf, nationalNumberOf, nicknameOf, openidOf, phoneCodeOf } from '../../lib/people.js'
import { requestText } from '../../lib/wire.js'
import { contract } from '../contract.js'

const token = '"token":"'

/** The article's server; its wire is its own. */
export const article = {
  name: 'article',
  title: 'article',
  about: 'Express, Sequelize, axios, jsonwebtoken (HS256), as articles show it; unique columns added',
  packages: ['express', 'sequelize', 'axios', 'jsonwebtoken'],
  databases: ['postgres'],
  lacks: { refresh: 'no such thing', verifyOnce: 'as above' },
  server: { module: 'peers/article/server.js' },
  backend: { module: 'peers/article/backend.js' },
  environment: () => ({ TOKEN_SECRET: randomBytes(32).toString('base64') }),
  accountsTable: 'users',
  seed: () => import('./seed.js'),
  requests: {
    ...contract,
    login: number => requestText('POST', `/login?code=${loginCodeOf(number)}`, { body: {} }),
    loginByPhone: number => requestText('POST', '/loginByPhone', { body: { code: phoneCodeOf(number) } }),
    expectsReturning: number => [`"nickname":"${nicknameOf(number)}"`, `"openid":"${openidOf(number)}"`, token],
    expectsNew: number => [`"openid":"${openidOf(number)}"`, token],
    expectsPhone: number => [`"nickname":"${nicknameOf(number)}"`, `"phone":"${nationalNumberOf(number)}"`, token],
    accountIdOf: answer => JSON.parse(answer).data.id,
    accessTokenOf: answer => /"token":"([^"]+)"/.exec(answer)?.[1],
  },
}
