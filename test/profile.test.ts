import type { UserAnswer } from '@mplogin/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type System, startSystem } from './support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

describe.each(['PATCH', 'POST'] as const)('%s /me', method => {
  it('changes the nickname, and only that', async () => {
    const { accessToken: token, user } = (await system.person().login()).body.data
    const answer = await system.api.request<UserAnswer>(method, '/me', { token, body: { nickname: '  林晓 👩‍💻 ' } })
    expect([answer.status, answer.body.data.user]).toEqual([200, { ...user, nickname: '林晓 👩‍💻' }])
    expect((await system.api.get<UserAnswer>('/me', token)).body.data.user.nickname).toBe('林晓 👩‍💻')
  })

  it.each([
    ['an empty one', { nickname: '' }],
    ['spaces', { nickname: '   ' }],
    ['too long', { nickname: '长'.repeat(33) }],
    ['a line break', { nickname: 'a\nb' }],
    ['text that runs backwards', { nickname: 'a\u202eb' }],
    ['an isolate', { nickname: 'a\u2066b' }],
    ['a zero-width space', { nickname: 'a\u200bb' }],
    ['a number', { nickname: 1 }],
    ['nothing to change', {}],
    ['an avatar over http', { avatar: 'http://example.com/a.png' }],
    ['a script as avatar', { avatar: 'javascript:alert(1)' }],
    ['another host as a path', { avatar: '//evil.example.com/a.png' }],
    ['data as avatar', { avatar: 'data:image/png;base64,AAAA' }],
  ])('refuses %s, and says where', async (_title, body) => {
    const { accessToken: token, user } = (await system.person().login()).body.data
    const answer = await system.api.request(method, '/me', { token, body })
    expect([answer.status, answer.body.code]).toEqual([400, 'BAD_REQUEST'])
    expect(answer.body.details).toEqual([
      expect.objectContaining({ path: expect.any(String), message: expect.any(String) }),
    ])
    expect((await system.api.get<UserAnswer>('/me', token)).body.data.user).toEqual(user)
  })

  it('asks for a token', async () => {
    expect((await system.api.request(method, '/me', { body: { nickname: 'x' } })).status).toBe(401)
  })
})
