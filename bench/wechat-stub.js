/**
 * A very light WeChat, in a process of its own, on raw sockets: it must not be what is measured. A code tells its person
 * (lib/people.js), the latency is settable, calls are counted. For everything else there is the emulator.
 */
import { createServer } from 'node:net'
import { answerParent } from './lib/ipc.js'
import { app, nationalNumberOf, openidOf, personOfLoginCode, personOfOpenid, personOfPhoneCode } from './lib/people.js'
import { createReader } from './lib/wire.js'

const accessToken = '69_of-the-bench'.padEnd(136, 'x')
const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ=='
let latencyMs = 0
const calls = {}

const invalidCode = { errcode: 40029, errmsg: 'invalid code, rid: 00000000-00000000-00000000' }
const invalidToken = { errcode: 40001, errmsg: 'invalid credential rid: 00000000-00000000-00000000' }

const endpoints = {
  '/sns/jscode2session'({ query }) {
    const person = personOfLoginCode(query.get('js_code') ?? '')
    if (query.get('appid') !== app.appid || query.get('secret') !== app.secret || Number.isNaN(person)) {
      return invalidCode
    }
    return { session_key: sessionKey, openid: openidOf(person) }
  },
  '/cgi-bin/stable_token': () => ({ access_token: accessToken, expires_in: 7200 }),
  '/cgi-bin/token': () => ({ access_token: accessToken, expires_in: 7200 }),
  '/wxa/business/getuserphonenumber'({ query, body }) {
    if (query.get('access_token') !== accessToken) return invalidToken
    const { code, openid } = JSON.parse(body)
    const person = personOfPhoneCode(code)
    if (Number.isNaN(person) || (openid !== undefined && personOfOpenid(openid) !== person)) return invalidCode
    const purePhoneNumber = nationalNumberOf(person)
    const watermark = { timestamp: Math.floor(Date.now() / 1000), appid: app.appid }
    const phone_info = { phoneNumber: purePhoneNumber, purePhoneNumber, countryCode: '86', watermark }
    return { errcode: 0, errmsg: 'ok', phone_info }
  },
}

function answerTo(head, body) {
  const target = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/'))
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  calls[path] = (calls[path] ?? 0) + 1
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))
  const answer = endpoints[path]?.({ query, body }) ?? { errcode: 40066, errmsg: 'invalid url' }
  const json = JSON.stringify(answer)
  const type = path.startsWith('/sns/') ? 'text/plain' : 'application/json; encoding=utf-8'
  return `HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-type: ${type}\r\ncontent-length: ${json.length}\r\n\r\n${json}`
}

const server = createServer({ noDelay: true }, socket => {
  const send = text => socket.writable && socket.write(text, 'latin1')
  const read = createReader((head, body) => {
    const text = answerTo(head, body)
    if (latencyMs === 0) send(text)
    else setTimeout(send, latencyMs, text)
  })
  socket.on('data', read)
  socket.on('error', () => socket.destroy())
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

answerParent({
  address: () => `http://127.0.0.1:${server.address().port}`,
  slow: value => {
    latencyMs = value
  },
  calls: () => ({ ...calls }),
})
process.on('disconnect', () => process.exit())
