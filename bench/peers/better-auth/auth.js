import { betterAuth } from 'better-auth'
import { APIError } from 'better-auth/api'
import { bearer } from 'better-auth/plugins'
import pg from 'pg'
import { settings } from '../settings.js'
import { miniProgram } from './mini-program.js'

const { wechatBase, appid, secret } = settings
let token = { text: '', endsAt: 0 }

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(wechatBase + path, { method, headers, body: body && JSON.stringify(body) })
  const answer = JSON.parse(await response.text())
  if (answer.errcode) throw new APIError('BAD_REQUEST', { message: `WeChat: ${answer.errcode}` })
  return answer
}

async function getToken() {
  if (Date.now() >= token.endsAt) {
    const body = { grant_type: 'client_credential', appid, secret }
    const { access_token, expires_in } = await ask('POST', '/cgi-bin/stable_token', body)
    token = { text: access_token, endsAt: Date.now() + (expires_in - 300) * 1000 }
  }
  return token.text
}

const known = `appid=${appid}&secret=${secret}&grant_type=authorization_code`
const wechat = {
  exchangeCode: async code => (await ask('GET', `/sns/jscode2session?${known}&js_code=${code}`)).openid,
  async getPhone(code, openid) {
    const path = `/wxa/business/getuserphonenumber?access_token=${await getToken()}`
    return (await ask('POST', path, { code, openid })).phone_info.purePhoneNumber
  },
}

/** The pool that better-auth works on. */
export const pool = new pg.Pool({ connectionString: settings.databaseUrl })

/** better-auth as it comes, with sessions in the database, bearer tokens, and a limit that this load does not reach. */
export const auth = betterAuth({
  database: pool,
  secret: settings.tokenSecret,
  baseURL: `http://127.0.0.1:${settings.port}`,
  plugins: [bearer(), miniProgram(wechat)],
  rateLimit: { enabled: true, window: 60, max: 10_000_000 },
  telemetry: { enabled: false },
})
