import { connect } from 'node:net'
import { byBoth } from './honest.js'
import type { Question, Server, Stage } from './stage.js'

/** Requests that hold secrets where nobody expects them: in wrong fields, paths, queries and headers, in what is no JSON. */
export async function malformedRequests(stage: Stage, server: Server): Promise<void> {
  const lin = stage.person('13844441111')
  const { accessToken, refreshToken } = (await byBoth(server, lin)).body.data
  const secrets = () => [lin.loginCode(), lin.phoneCode(), refreshToken, accessToken, lin.encrypted().encryptedData]
  const all = async (questions: (secret: string) => [string, string, Question?][]) => {
    for (const secret of secrets())
      for (const [method, path, question] of questions(secret)) await server.ask(method, path, question)
  }
  const post = (path: string, body: object | string): [string, string, Question] => ['POST', path, { body }]

  await all(secret => [
    post('/login', { code: [secret] }),
    post('/login', { code: { secret } }),
    post('/login', { code: 'x', appid: secret }),
    post('/login', { code: `${secret}${'x'.repeat(600)}` }),
    post('/login', { [secret]: secret }),
    post('/login', { code: '13844441111' }),
    post('/loginByPhone', { code: secret, loginCode: 7 }),
    post('/loginByPhone', { encryptedData: secret, iv: secret }),
    post('/loginByPhone', { encryptedData: secret, iv: 'AAAAAAAAAAAAAAAAAAAAAA==', loginCode: lin.loginCode() }),
    post('/conflicts/resolve', { ticket: secret, choice: secret }),
    post('/token/refresh', { refreshToken: { secret } }),
    post('/token/refresh', { refreshToken: secret.slice(0, -1) }),
    ['PATCH', '/me', { token: accessToken, body: { avatar: secret } }],
    ['PATCH', '/me', { token: accessToken, body: { nickname: { secret } } }],
    ['POST', '/logout', { token: accessToken, body: { everywhere: secret } }],
  ])
  // JSON.parse quotes what it stumbles over.
  await all(secret => [
    ...['/login', '/loginByPhone', '/token/refresh', '/conflicts/resolve'].flatMap(
      path =>
        [
          post(path, `{"code":"${secret}"`),
          post(path, `{"code":"${secret}"]`),
          post(path, `{"code":${secret}}`),
          post(path, secret),
          post(path, `"${secret}"`),
          post(path, `{"code":"${secret}","__proto__":{}}`),
          ['POST', path, { body: `code=${secret}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
          ['POST', path, { body: secret, headers: { 'content-type': 'text/plain' } }],
        ] as [string, string, Question][],
    ),
    post('/login', JSON.stringify({ code: secret, more: 'x'.repeat(70_000) })),
  ])
  await all(secret => {
    const inUrl = encodeURIComponent(secret)
    return [
      ['GET', `/${inUrl}`],
      ['GET', `/login?code=${inUrl}`],
      ['POST', `/login?code=${inUrl}&code=${inUrl}`],
      ['POST', `/login?code[]=${inUrl}`],
      ['POST', `/loginByPhone?code=${inUrl}&phone=13844441111`],
      ['GET', `/me?access_token=${inUrl}`],
      ['GET', `/me/${inUrl}`],
      ['DELETE', `/me/sessions/${inUrl}`, { token: accessToken }],
      ['GET', `/uploads/${inUrl}`],
      ['GET', `/uploads/avatars/${inUrl}.jpg`],
      ['GET', `/wechat/push/${inUrl.slice(0, 60)}?signature=${inUrl}&echostr=${inUrl}`],
      ['POST', `/wechat/push/${stage.apps[0]?.appid}?msg_signature=${inUrl}`, { body: `<xml>${secret}</xml>` }],
      ['GET', `/%zz${inUrl}`],
    ]
  })
  await all(secret => [
    ['GET', '/me', { token: secret }],
    ['GET', '/me', { headers: { authorization: secret } }],
    ['GET', '/me', { headers: { authorization: `Basic ${secret}` } }],
    [
      'GET',
      '/me',
      { headers: { cookie: `token=${secret}`, referer: `https://x.example/?code=${secret}`, 'x-request-id': secret } },
    ],
    [
      'POST',
      '/login',
      { body: { code: 'x' }, headers: { 'accept-language': secret, origin: `https://${secret.slice(0, 40)}` } },
    ],
    [
      'POST',
      '/login',
      { body: 'x', headers: { 'content-type': `application/${secret.replace(/[^a-z]/g, '')}; x=${secret}` } },
    ],
    ['POST', '/login', { body: { code: 'x' }, headers: { 'idempotency-key': secret.repeat(300).slice(0, 9000) } }],
  ])
  for (const secret of secrets()) await nonsense(server, secret)
}

/** What is no HTTP at all. */
async function nonsense({ api }: Server, secret: string): Promise<void> {
  const { port } = new URL(api.baseUrl)
  for (const text of [`${secret}\r\n\r\n`, `GET /${secret} HTTP/9\r\n\r\n`, `GET / HTTP/1.1\r\n${secret}\r\n\r\n`]) {
    await new Promise<void>(resolve => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
      socket
        .on('data', () => {})
        .on('error', () => {})
        .on('close', () => resolve())
    })
  }
}
