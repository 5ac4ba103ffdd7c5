import { randomUUID } from 'node:crypto'
import type { TokenPair } from '@mplogin/contract'
import { appB, appC } from '../system.js'
import { byBoth, byOpenid } from './honest.js'
import type { Server, Stage } from './stage.js'

/** What is refused to people and to thieves. */
export async function refusals(stage: Stage, server: Server): Promise<void> {
  const { ask } = server
  const [lin, other] = [stage.person('13822221111'), stage.person('13822222222')]
  const { user, accessToken, refreshToken } = (await byBoth(server, lin)).body.data

  const used = lin.loginCode()
  await ask('POST', '/login', { body: { code: used } })
  await ask('POST', '/login', { body: { code: used } })
  await ask('POST', '/login', { body: { code: lin.loginCode(), appid: appB.appid } })
  await ask('POST', '/login', { body: { code: lin.loginCode(), appid: 'wx0000000000000000' } })
  await ask('POST', '/loginByPhone', { body: { code: lin.phoneCode(), loginCode: other.loginCode() } })
  await ask('POST', '/loginByPhone', { body: { code: lin.loginCode(), loginCode: lin.phoneCode() } })
  await ask('POST', '/loginByPhone', { body: { ...lin.encrypted(), loginCode: other.loginCode() } })

  // A token of before, and one that was changed.
  const second = (await ask<TokenPair>('POST', '/token/refresh', { body: { refreshToken } })).body.data
  await ask('POST', '/token/refresh', { body: { refreshToken: second.refreshToken } })
  await ask('POST', '/token/refresh', { body: { refreshToken: `${second.refreshToken.slice(0, -4)}AAAA` } })
  await ask('POST', '/token/refresh', { body: { refreshToken } })
  await ask('GET', '/me', { token: accessToken })
  await ask('GET', '/me', { token: `${accessToken.slice(0, -6)}AAAAAA` })

  const again = (await byOpenid(server, lin)).body.data
  const setStatus = (status: 'active' | 'disabled') =>
    stage.fleet.database.transact(tx => tx.updateTable('accounts').set({ status }).where('id', '=', user.id).execute())
  await setStatus('disabled')
  await ask('GET', '/me', { token: again.accessToken })
  await byBoth(server, lin)
  await setStatus('active')
}

/**
 * What only other settings refuse.
 *
 * @returns what has to wait until a token is over
 */
export async function strictRefusals(stage: Stage): Promise<{ expired: Promise<unknown> }> {
  const limited = await stage.serve({ RATE_LIMIT_PER_MINUTE: '2' })
  for (let i = 0; i < 4; i++) await byOpenid(limited, stage.person())

  const strict = await stage.serve({
    ...{ PHONE_CHANGE: 'reject', SECOND_WECHAT: 'ask', PHONE_RECYCLE_DAYS: '0', WECHAT_TOKEN_MODE: 'legacy' },
    ACCESS_TOKEN_TTL_SECONDS: '10',
  })
  const lin = stage.person('13822223333')
  const { accessToken: token } = (await byBoth(strict, lin)).body.data
  const over = new Promise(resolve => setTimeout(resolve, 10_500))
  // Another phone for the same WeChat, and another WeChat for the same phone.
  await byBoth(strict, stage.person('13822224444', { openid: lin.user.openid }))
  const asked = await byBoth(strict, stage.person('13822223333'))
  await strict.ask('POST', '/conflicts/resolve', { body: { ticket: asked.body.ticket, choice: 'new_account' } })
  return { expired: over.then(() => strict.ask('GET', '/me', { token })) }
}

/** WeChat at its worst: what it refuses, what it answers in its sleep, and answers that hold what was asked. */
export async function faultsOfWechat(stage: Stage, server: Server): Promise<void> {
  const { emulator } = stage.fleet
  const lin = stage.person('13833331111')
  const quoting = (code: string) => [
    { body: `{"errcode":41008,"errmsg":"missing code ${code}, rid: 6311b0eb-00000000-00000000"}` },
    {
      body: `{"errcode":47001,"errmsg":"data format error: {\\"code\\":\\"${code}\\",\\"secret\\":\\"${stage.apps[0]?.secret}\\"}"}`,
    },
    {
      body: `{"openid":"${lin.user.openid}","session_key":"${stage.book.note('session_key', 'c2Vzc2lvbi1rZXktMQ==')}"`,
    },
    { body: `{"openid":7,"session_key":"c2Vzc2lvbi1rZXktMQ==","unionid":["${code}"]}` },
    { body: '{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"13833331111","purePhoneNumber":13833331111}}' },
    { body: `<html>13833331111 ${code} ${lin.user.openid}</html>` },
  ]
  const plain = [
    ...[
      { errcode: -1, times: 3 },
      { errcode: 40001, times: 2 },
      { errcode: 42001, times: 2 },
    ],
    ...[40029, 40226, 45011, 40164, 40125, 40013, 50007, 48001, 99999].map(errcode => ({ errcode })),
    ...[{ status: 502 }, { status: 302 }, { reset: true }, { body: '' }, { body: '[]' }],
  ]
  const faulty = async (path: string, ask: (code?: string) => Promise<unknown>, code: () => string) => {
    for (const fault of plain) {
      emulator.addFault({ path, ...fault })
      await ask()
      // So many failures in a row would make the server stop asking.
      await byBoth(server, lin)
    }
    for (let i = 0; i < quoting('').length; i++) {
      const quoted = code()
      emulator.addFault({ path, ...quoting(quoted)[i] })
      await ask(quoted)
      await byBoth(server, lin)
    }
  }
  /** A code that WeChat does not know is asked for once more when it came with a key: not each time here. */
  const withKey = (code: string | undefined) =>
    code === undefined ? {} : { headers: { 'idempotency-key': stage.book.note('Idempotency-Key', randomUUID()) } }
  // Later than a server waits.
  emulator.addFault({ path: '/sns/jscode2session', delayMs: 3500 })
  const late = byOpenid(server, stage.person())
  await faulty(
    '/sns/jscode2session',
    code => server.ask('POST', '/login', { body: { code: code ?? lin.loginCode() }, ...withKey(code) }),
    lin.loginCode,
  )
  await faulty(
    '/wxa/business/getuserphonenumber',
    code => server.ask('POST', '/loginByPhone', { body: { code: code ?? lin.phoneCode() }, ...withKey(code) }),
    lin.phoneCode,
  )

  await late
  // The day's quota of an app, used up; and an access token that cannot be had.
  const ofC = stage.person('13833332222', { appid: appC.appid })
  emulator.addFault({
    path: '/cgi-bin/stable_token',
    times: 9,
    body: `{"access_token":7,"errmsg":"${stage.apps[2]?.secret}"}`,
  })
  await server.ask('POST', '/loginByPhone', { body: { code: ofC.phoneCode(), appid: appC.appid } })
  emulator.addFault({ path: '/sns/jscode2session', errcode: 45009 })
  await server.ask('POST', '/login', { body: { code: ofC.loginCode(), appid: appC.appid } })
}
