import { createDevice } from './device.js'
import { createForeground } from './foreground.js'
import { createLogin } from './login.js'
import { createNetwork } from './network.js'
import { parseOptions, tasksAtOnce, type WxOptions } from './options.js'
import { createPhoneButton } from './phone-button.js'
import { createPrivacy } from './privacy.js'
import { createRequest } from './request.js'
import { createStorage } from './storage.js'
import { createTasks } from './task.js'
import { createUploads } from './upload.js'
import { overHttp, type WechatSide, type WxUser } from './wechat-side.js'

/**
 * A `wx` as a mini program finds it, on the phone of a virtual user: so much of it as logging in takes. For Node and browsers.
 * Verbs that WeChat does not have play the user: `tapPhoneButton`, `setOffline`, `hideApp`, …
 *
 * @param emulator a running emulator of this process, or the address of one
 * @param user a user of it, or the id of one (then with `options.appid`)
 * @throws TypeError naming the option and what was expected
 */
export function createWx(emulator: WechatSide | string, user: WxUser, options: WxOptions = {}) {
  const settings = parseOptions(user, options)
  const { userId, appid, fetch, now, timeoutMs, interruptedAfterMs, envVersion = 'develop', version = '' } = settings
  const side = typeof emulator === 'string' ? overHttp(emulator, fetch) : emulator
  const network = createNetwork()
  const foreground = createForeground()
  const privacy = createPrivacy(settings.privacy, now)
  const { isOffline } = network
  const tasks = createTasks({ limit: tasksAtOnce, interruptedAfterMs, network, foreground })
  // 0 for all that is not released; the tool has its own (facts 5.5).
  const page = envVersion === 'release' ? version || '1' : '0'
  const referer = `https://servicewechat.com/${appid}/${page}/page-frame.html`
  const sender = { tasks, fetch, now, referer, timeoutMs, ...(settings.domains && { domains: settings.domains }) }

  return {
    ...createLogin({ side, userId, appid, isOffline }),
    request: createRequest(sender),
    ...createUploads(sender),
    ...createStorage(settings.storage ?? new Map()),
    ...createDevice(settings),
    ...network.api,
    ...foreground.api,
    ...privacy.api,
    ...createPhoneButton({ side, userId, appid, privacy, isOffline }),
  }
}

export type Wx = ReturnType<typeof createWx>
