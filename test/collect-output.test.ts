import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secretShapes } from './support/collect-output.js'
import { createSecretBook } from './support/secret-book.js'
import { appA, type System, startSystem } from './support/system.js'
import { startWechatRecorder } from './support/wechat-recorder.js'

/** What a whole run writes is searched for shapes (vitest.config.ts, globalSetup): these are the real things. */
describe('the search through what all servers of a run wrote', () => {
  let system: System
  let found: Record<keyof typeof secretShapes, string>
  beforeAll(async () => {
    system = await startSystem()
    const book = createSecretBook()
    const recorder = await startWechatRecorder(system.emulator.url, book)
    const lin = system.person('13912345678')
    const { accessToken, refreshToken } = (await lin.loginByPhone()).body.data
    const query = `/sns/jscode2session?appid=${appA.appid}&secret=${appA.secret}&js_code=${lin.loginCode()}&grant_type=authorization_code`
    await fetch(recorder.url + query)
    await recorder.close()
    const { sealed } = await system.database.db
      .selectFrom('identities')
      .select('sealed')
      .where('kind', '=', 'phone')
      .executeTakeFirstOrThrow()
    const [sessionKey = ''] = book.example('session_key')
    found = {
      'an access token': accessToken,
      'a refresh token': refreshToken,
      'a sealed text': sealed ?? '',
      'a session key': sessionKey,
      'a query of WeChat': query,
      'a login code': lin.loginCode(),
      'a phone code': lin.phoneCode(),
      'a phone': '13912345678',
      'an openid': lin.user.openid,
    }
  })
  afterAll(() => system.close())

  it.each(Object.entries(secretShapes))('would find %s', (what, shape) => {
    const secret = found[what as keyof typeof found]
    for (const line of [secret, `{"a":"${secret}","b":1}`, `what: ${secret}, more`, `?x=${secret}&y=1`])
      expect([line, shape.test(line)]).toEqual([line, true])
    expect(shape.test(system.log.join(''))).toBe(false)
  })
})
