/** An app that is meant; left out, the first one of the emulator. */
interface OfApp {
  readonly appid?: string | undefined
}

interface TapInput extends OfApp {
  readonly phone?: string | undefined
  readonly allow?: boolean | undefined
}

type MaybeLater<T> = T | Promise<T>

/** What a phone asks of WeChat. A running emulator is one; over HTTP its control routes are. */
export interface WechatSide {
  loginCode(userId: string, input: OfApp): MaybeLater<{ code: string }>
  pluginCode(userId: string, input: OfApp): MaybeLater<{ code: string }>
  checkSession(userId: string, input: OfApp): MaybeLater<{ valid: boolean }>
  phoneCode(userId: string, input: TapInput): MaybeLater<{ code: string; encryptedData: string; iv: string }>
  realtimePhoneCode(userId: string, input: TapInput): MaybeLater<{ code: string }>
}

/** Whose phone it is: a user as the emulator gave it, or only its id. */
export type WxUser = string | { readonly id: string; readonly openids?: Readonly<Record<string, string>> }

/** The same over HTTP, at the address of an emulator. */
export function overHttp(url: string, fetch: typeof globalThis.fetch): WechatSide {
  const base = `${url.replace(/\/+$/, '')}/_emulator/users`

  /** @throws the refusal with `errMsg` and `errno` where the mini program gets one · Error */
  async function ask<T>(userId: string, verb: string, body: object): Promise<T> {
    const response = await fetch(`${base}/${encodeURIComponent(userId)}/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = (await response.json()) as { errMsg?: string; message?: string }
    if (!response.ok) throw answer.errMsg === undefined ? new Error(answer.message) : answer
    return answer as T
  }

  return {
    loginCode: (id, input) => ask(id, 'login-code', input),
    pluginCode: (id, input) => ask(id, 'plugin-code', input),
    checkSession: (id, input) => ask(id, 'check-session', input),
    phoneCode: (id, input) => ask(id, 'phone-code', input),
    realtimePhoneCode: (id, input) => ask(id, 'phone-code', { ...input, realtime: true }),
  }
}
