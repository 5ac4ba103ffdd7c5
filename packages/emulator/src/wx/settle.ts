/** What every success carries. */
export interface WxOk {
  /** The API's name and `:ok`. */
  readonly errMsg: string
}

/** What `fail` gets, and what a promise is rejected with: a plain object, as WeChat gives it. */
export interface WxFailure {
  /** Begins with the API's name and `:fail`. */
  readonly errMsg: string
  readonly errno?: number
}

/** The callbacks of an API. */
export interface WxCallbacks<Result = object> {
  success?(result: Result & WxOk): void
  fail?(failure: WxFailure): void
  complete?(result: (Result & WxOk) | WxFailure): void
}

/** A promise where no callback was given; otherwise nothing. */
export type PromiseUnlessCallbacks<Options, Result> = Options extends
  | { success: unknown }
  | { fail: unknown }
  | { complete: unknown }
  ? undefined
  : Promise<Result & WxOk>

export function failure(api: string, text: string, errno?: number): WxFailure {
  return { errMsg: `${api}:fail${text === '' ? '' : ` ${text}`}`, ...(errno !== undefined && { errno }) }
}

export function isFailure(error: unknown): error is WxFailure {
  return typeof (error as WxFailure | undefined)?.errMsg === 'string'
}

/** Whatever went wrong, as the API would tell it: errors of the emulator carry what the mini program gets. */
export function toFailure(api: string, error: unknown): WxFailure {
  if (!isFailure(error)) return failure(api, error instanceof Error ? error.message : String(error))
  const { errMsg, errno } = error
  return { errMsg, ...(errno !== undefined && { errno }) }
}

/**
 * Carries out an API without a promise style (wx.login, wx.request): its callbacks come later, never in the call itself, `complete`
 * after the other; what they throw is not ours to catch.
 */
export function callBack<Result extends object>(
  api: string,
  callbacks: WxCallbacks<Result>,
  work: () => Result | Promise<Result>,
): void {
  settle(api, work).then(
    result => {
      queueMicrotask(() => callbacks.success?.(result))
      queueMicrotask(() => callbacks.complete?.(result))
    },
    (failed: WxFailure) => {
      queueMicrotask(() => callbacks.fail?.(failed))
      queueMicrotask(() => callbacks.complete?.(failed))
    },
  )
}

/** Carries out an API that has both styles: a promise unless a callback was given. */
export function callBackOrPromise<Options extends WxCallbacks<Result>, Result extends object>(
  api: string,
  options: Options | undefined,
  work: () => Result | Promise<Result>,
): PromiseUnlessCallbacks<Options, Result> {
  const { success, fail, complete } = options ?? {}
  if (success || fail || complete) {
    callBack(api, options ?? {}, work)
    return undefined as PromiseUnlessCallbacks<Options, Result>
  }
  return settle(api, work) as PromiseUnlessCallbacks<Options, Result>
}

/** @throws WxFailure, as a rejection */
async function settle<Result extends object>(
  api: string,
  work: () => Result | Promise<Result>,
): Promise<Result & WxOk> {
  try {
    return { ...(await work()), errMsg: `${api}:ok` }
  } catch (error) {
    throw toFailure(api, error)
  }
}
