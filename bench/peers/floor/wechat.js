import { Pool } from 'undici'

/** WeChat's three calls over a keep-alive pool, with the access token kept until it ends. */
export function createWechat({ wechatBase, appid, secret }) {
  const pool = new Pool(wechatBase, { connections: 128 })
  let token = { text: '', endsAt: 0 }
  let fetching

  async function ask(method, path, body) {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await pool.request({ method, path, headers, body: body && JSON.stringify(body) })
    const answer = JSON.parse(await response.body.text())
    if (answer.errcode) throw Object.assign(new Error(`WeChat: ${answer.errcode}`), { statusCode: 400 })
    return answer
  }

  async function fetchToken() {
    const { access_token, expires_in } = await ask('POST', '/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid,
      secret,
    })
    token = { text: access_token, endsAt: Date.now() + (expires_in - 300) * 1000 }
  }

  async function getToken() {
    if (Date.now() >= token.endsAt) {
      fetching ??= fetchToken().finally(() => {
        fetching = undefined
      })
      await fetching
    }
    return token.text
  }

  const known = `appid=${appid}&secret=${secret}&grant_type=authorization_code`
  return {
    exchangeCode: async code => (await ask('GET', `/sns/jscode2session?${known}&js_code=${code}`)).openid,
    async getPhone(code, openid) {
      const path = `/wxa/business/getuserphonenumber?access_token=${await getToken()}`
      return (await ask('POST', path, { code, openid })).phone_info.purePhoneNumber
    },
  }
}
