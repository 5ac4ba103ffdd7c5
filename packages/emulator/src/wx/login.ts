import { callBack, callBackOrPromise, failure, type WxCallbacks } from './settle.js'
import type { WechatSide } from './wechat-side.js'

/** The tool without an account of its own: its codes are good for nothing (facts 1). */
const touristAppid = 'touristappid'
const mockCode = 'the code is a mock one'

/** wx.login and its relatives. */
export function createLogin(deps: { side: WechatSide; userId: string; appid: string; isOffline: () => boolean }) {
  const { side, userId, appid, isOffline } = deps

  async function ask<Result>(api: string, work: () => Result | Promise<Result>, timeout?: number): Promise<Result> {
    if (isOffline()) throw failure(api, 'network error') // our text
    if (timeout === undefined) return work()
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(failure(api, 'timeout', 5)), timeout)
    })
    return Promise.race([work(), late]).finally(() => clearTimeout(timer))
  }

  return {
    /** By callbacks only: the documents have no promise style of it (facts 5.1; confidence A). */
    login(options: WxCallbacks<{ code: string }> & { readonly timeout?: number | undefined } = {}): void {
      callBack('login', options, () => {
        if (appid === touristAppid) return { code: mockCode }
        return ask('login', async () => side.loginCode(userId, { appid }), options.timeout)
      })
    },

    /** Whether the session_key that the last login left is alive. */
    checkSession: <Options extends WxCallbacks>(options?: Options) =>
      callBackOrPromise('checkSession', options, async () => {
        const { valid } = await ask('checkSession', () => side.checkSession(userId, { appid }))
        if (!valid) throw failure('checkSession', 'session time out, need relogin')
        return {}
      }),

    pluginLogin(options: WxCallbacks<{ code: string }> = {}): void {
      callBack('pluginLogin', options, () => ask('pluginLogin', async () => side.pluginCode(userId, { appid })))
    },
  }
}
