import { loginCodeOf, nicknameOf, nonce, phoneCodeOf } from '../lib/people.js'
import { requestText } from '../lib/wire.js'

/** As the SDK sends it with every login; who does not know the header ignores it. */
const idempotent = () => ({ 'idempotency-key': nonce() })
const token = '"accessToken":"'
const bearer = token => ({ authorization: `Bearer ${token}` })

/**
 * The wire that peers share which were written for the bench: mplogin's own. A peer of another wire brings the same verbs.
 * Each gives the text of a request; `expects…` gives what the answer must contain to be right.
 */
export const contract = {
  login: number => requestText('POST', '/login', { headers: idempotent(), body: { code: loginCodeOf(number) } }),
  loginByPhone: number =>
    requestText('POST', '/loginByPhone', {
      headers: idempotent(),
      body: { code: phoneCodeOf(number), loginCode: loginCodeOf(number) },
    }),
  refresh: refreshToken => requestText('POST', '/token/refresh', { body: { refreshToken } }),
  me: token => requestText('GET', '/me', { headers: token === undefined ? {} : bearer(token) }),
  verify: token => requestText('GET', '/orders', { headers: token === undefined ? {} : bearer(token) }),
  /** The same back end, asked for what needs no token. */
  plain: () => requestText('GET', '/plain'),

  expectsReturning: number => [`"nickname":"${nicknameOf(number)}"`, '"isNewUser":false', token],
  expectsNew: () => ['"isNewUser":true', token],
  expectsPhone: number => [`"nickname":"${nicknameOf(number)}"`, '"phoneBound":true', '"isNewUser":false', token],
  expectsMe: number => [`"nickname":"${nicknameOf(number)}"`],
  /** Of the business back end: `{"accountId": …}`. */
  expectsVerified: accountId => [`"accountId":${JSON.stringify(accountId)}`],

  accountIdOf: answer => JSON.parse(answer).data.user.id,
  accessTokenOf: answer => /"accessToken":"([^"]+)"/.exec(answer)?.[1],
  refreshTokenOf: answer => /"refreshToken":"([^"]+)"/.exec(answer)?.[1],
}
