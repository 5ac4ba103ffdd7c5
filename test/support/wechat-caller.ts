import { createHmac } from 'node:crypto'

/** What WeChat answered: parsed when it is JSON. */
export interface WechatAnswer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: WeChat's answers have many shapes, and a test says which it expects
  readonly body: any
}

/** Calls WeChat's endpoints by hand, as a server without an SDK would. */
export function createWechatCaller(emulator: { readonly url: string }, app: { appid: string; secret: string }) {
  async function ask(path: string, query: Record<string, string> = {}, init: RequestInit = {}): Promise<WechatAnswer> {
    const response = await fetch(`${emulator.url}${path}?${new URLSearchParams(query)}`, init)
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
  }
  const post = (path: string, body: unknown, query: Record<string, string> = {}) =>
    ask(path, query, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  const client = { appid: app.appid, secret: app.secret }
  const stable = async (more: object = {}) =>
    (await post('/cgi-bin/stable_token', { grant_type: 'client_credential', ...client, ...more })).body
  const legacy = async () => (await ask('/cgi-bin/token', { grant_type: 'client_credential', ...client })).body
  const token = async (): Promise<string> => (await stable()).access_token

  /** What goes with checksession and resetusersessionkey. */
  const signed = (openid: string, sessionKey: string) => ({
    openid,
    signature: createHmac('sha256', sessionKey).update('').digest('hex'),
    sig_method: 'hmac_sha256',
  })

  return {
    ask,
    post,
    stable,
    legacy,
    token,
    signed,
    exchange: async (code: string) =>
      (await ask('/sns/jscode2session', { ...client, js_code: code, grant_type: 'authorization_code' })).body,
    phoneNumber: async (body: object, accessToken?: string) =>
      (
        await post('/wxa/business/getuserphonenumber', body, {
          access_token: accessToken ?? (await token()),
        })
      ).body,
    /** A call that carries a token in its query. */
    withToken: async (path: string, query: Record<string, string>) =>
      (await ask(path, { access_token: await token(), ...query })).body,
    postWithToken: async (path: string, body: unknown) =>
      (await post(path, body, { access_token: await token() })).body,
  }
}

export type WechatCaller = ReturnType<typeof createWechatCaller>
