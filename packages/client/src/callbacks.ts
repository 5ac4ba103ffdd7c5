import { attempt } from './attempt.js'
import type { PhoneErrorCode } from './errors.js'
import { toClientError } from './failures.js'
import type { Platform, PlatformStorage } from './platform.js'

declare function setTimeout(work: (given: object) => void, ms: number, given: object): unknown

/** A call that takes `success` and `fail`; wx, uni and Taro type the rest of it each in their own way. */
type CallbackApi = (options: never) => unknown

/** So much of the APIs of a mini program as is used: wx, uni and Taro have it in common. */
export interface CallbackApis extends PlatformStorage {
  /** Missing where there is no WeChat, as in a browser. */
  readonly login?: CallbackApi
  readonly request: CallbackApi
  readonly uploadFile: CallbackApi
  /** As the next, not everywhere. */
  getAccountInfoSync?(): { miniProgram: { appId: string } }
  /** Since base library 2.20.1. */
  getDeviceInfo?(): { model: string }
}

type Everywhere = Required<CallbackApis>

type Call = 'login' | 'request' | 'uploadFile'

/** Taro's calls are promises too. */
type Calls = Record<Call, (options: object) => Partial<Pick<Promise<never>, 'then'>> | undefined>

/** WeChat's own limit of a call. */
const defaultTimeoutMs = 60_000
/** The APIs tell when their time is up. When one does not, it is given up so much later. */
const graceMs = 1000

/** APIs with callbacks as promises, which settle also when no callback ever comes. */
export function toPlatform(apis: CallbackApis): Platform {
  /** @throws ClientError */
  const promised =
    (name: Call, otherwise: PhoneErrorCode = 'NETWORK') =>
    <Result>(options: { readonly timeout?: number | undefined }) =>
      new Promise<Result>((resolve, reject) => {
        setTimeout(reject, (options.timeout || defaultTimeoutMs) + graceMs, { errno: 5 })
        const task = (apis as unknown as Calls)[name](Object.assign({}, options, { success: resolve, fail: reject }))
        if (task && task.then) task.then(resolve, reject)
      }).catch(failure => {
        throw toClientError(failure, otherwise)
      })

  return {
    // Missing, or failing, in some places; neither is needed. Headers take no other characters.
    appid: attempt(() => (apis as Everywhere).getAccountInfoSync().miniProgram.appId),
    header: attempt(() => ({ 'X-Device': (apis as Everywhere).getDeviceInfo().model.replace(/[^ -~]/g, '') })),
    storage: apis,
    login: promised('login', 'LOGIN_FAILED'),
    request: promised('request'),
    uploadFile: promised('uploadFile'),
  }
}
