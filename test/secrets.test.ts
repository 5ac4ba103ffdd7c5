import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { appA, appB, startSystem } from './support/system.js'

describe('secrets', () => {
  it('appear in no log, no metric, no answer to others, and not in the database', async () => {
    const system = await startSystem({ env: { SECOND_WECHAT: 'ask' } })
    const forbidden = new Set<string>([appA.secret, appB.secret, String(system.config.values.MPLOGIN_SECRET)])
    const answers: string[] = []
    const watch = <T extends { body: unknown }>(answer: T) => {
      answers.push(JSON.stringify(answer.body))
      return answer
    }
    const secret = (text: string) => {
      forbidden.add(text)
      return text
    }
    try {
      // Everything that can happen to a login, with each secret noted.
      const lin = system.person(secret('13111112222'))
      const tokens = []
      const key = secret(randomUUID())
      tokens.push(
        (await system.api.login({ code: secret(lin.loginCode()) }, { headers: { 'idempotency-key': key } })).body.data,
      )
      tokens.push((await system.api.post<(typeof tokens)[0]>(`/login?code=${secret(lin.loginCode())}`)).body.data)
      tokens.push(
        (await system.api.loginByPhone({ code: secret(lin.phoneCode()), loginCode: secret(lin.loginCode()) })).body
          .data,
      )
      const { encryptedData, iv } = lin.phoneTap()
      tokens.push(
        (
          await system.api.loginByPhone({
            encryptedData: secret(encryptedData),
            iv: secret(iv),
            loginCode: secret(lin.loginCode()),
          })
        ).body.data,
      )
      for (const pair of tokens) [pair.accessToken, pair.refreshToken].map(secret)
      const [first] = tokens as [(typeof tokens)[0]]
      const refreshed = (
        await system.api.post<(typeof tokens)[0]>('/token/refresh', { refreshToken: first.refreshToken })
      ).body.data
      ;[refreshed.accessToken, refreshed.refreshToken].map(secret)
      const { accessToken: token } = refreshed
      watch(await system.api.post('/bindPhone', { code: secret(lin.phoneCode()) }, { token }))
      watch(await system.api.get('/me', token))
      watch(await system.api.get('/me/sessions', token))

      const second = system.person('13111112222')
      const conflict = watch(
        await system.api.loginByPhone({ code: secret(second.phoneCode()), loginCode: secret(second.loginCode()) }),
      )
      expect(conflict.body.code).toBe('ACCOUNT_CONFLICT')

      // Everything that can go wrong.
      const used = secret(lin.loginCode())
      await system.api.login({ code: used })
      watch(await system.api.login({ code: used }))
      watch(
        await system.api.loginByPhone({
          code: secret(lin.phoneCode()),
          loginCode: secret(system.person('13111113333').loginCode()),
        }),
      )
      watch(await system.api.get('/me', `${token.slice(0, -6)}AAAAAA`))
      watch(await system.api.post('/token/refresh', { refreshToken: `${first.refreshToken.slice(0, -4)}AAAA` }))
      for (const fault of [
        { errcode: -1 },
        { errcode: 40164 },
        { errcode: 40125 },
        { body: '<html>' },
        { status: 502 },
        { reset: true },
        { body: '{"session_key":"' },
      ]) {
        system.emulator.addFault({ path: '/sns/jscode2session', times: 3, ...fault })
        watch(await system.api.login({ code: secret(lin.loginCode()) }))
        system.emulator.addFault({ path: '/wxa/business/getuserphonenumber', times: 3, ...fault })
        watch(await system.api.loginByPhone({ code: secret(lin.phoneCode()) }))
      }
      watch(await system.api.request('POST', '/login', { body: `{"code":"${secret(lin.loginCode())}"` }))
      const openid = lin.user.openid
      const metrics = String((await system.api.get('/metrics')).body)

      const log = system.log.join('')
      expect(system.log.length).toBeGreaterThan(30)
      expect(log).toContain('WECHAT_CONFIG')
      // What WeChat answered is told with its rid, so that an operator can look it up.
      expect(log).toMatch(/rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}/)
      for (const text of forbidden) {
        expect(log, 'the log').not.toContain(text)
        expect(metrics, 'the metrics').not.toContain(text)
        expect(answers.join(''), 'an answer').not.toContain(text)
      }
      for (const text of ['session_key', 'sessionKey', openid]) {
        expect(log).not.toContain(text)
        expect(answers.join('')).not.toContain(text)
      }
      const tables = [
        'accounts',
        'identities',
        'sessions',
        'merges',
        'outbox',
        'audit',
        'signing_keys',
        'spent_tickets',
      ] as const
      const dump = JSON.stringify(
        await Promise.all(tables.map(table => system.database.db.selectFrom(table).selectAll().execute())),
      )
      expect(dump).toContain(openid)
      for (const text of forbidden) expect(dump, 'the database').not.toContain(text)
    } finally {
      await system.close()
    }
  })
})
