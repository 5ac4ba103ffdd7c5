import {
  type ClientError,
  type ConflictChoice,
  createLoginClient,
  type DeviceSession,
  type ErrorDetail,
  isClientError,
  type Outcome,
  type SignedIn,
  type User,
} from '@mplogin/client'
import { wxPlatform } from '@mplogin/client/wx'
import type * as contract from '@mplogin/contract'

// Compiled only, against what was built and WeChat's own typings.
const login = createLoginClient({ baseUrl: 'https://login.example.com', platform: wxPlatform(wx) })

Page({
  async onPhone(event: WechatMiniprogram.ButtonGetPhoneNumber) {
    const { user } = await login.signInWithPhone(event)
    this.setData({ nickname: user.nickname })
    await login.bindPhone(event)
  },
  async onAvatar(event: WechatMiniprogram.CustomEvent<{ avatarUrl: string }>) {
    await login.updateProfile({ avatar: event.detail.avatarUrl })
  },
})

export async function reloads(): Promise<string> {
  const { nickname }: User = await login.loadUser()
  return nickname
}

export async function narrows(): Promise<readonly ConflictChoice[] | undefined> {
  try {
    const { data, statusCode, header } = await login.request<{ orders: number[] }>({
      url: '/orders',
      method: 'POST',
      data: { page: 1 },
    })
    const first: number | undefined = data.orders[0]
    void [first, statusCode satisfies number, header['Content-Type'] satisfies string | undefined]
    return undefined
  } catch (error) {
    if (!isClientError(error)) throw error
    switch (error.code) {
      case 'ACCOUNT_CONFLICT':
      case 'PHONE_MAY_BE_RECYCLED':
        return error.choices
      case 'USER_REFUSED':
      case 'NETWORK':
        void (error.retryAfterSeconds satisfies number | undefined)
        // @ts-expect-error only a conflict has choices
        return error.choices
      default:
        // @ts-expect-error no such code
        if (error.code === 'NO_SUCH_CODE') return undefined
        return undefined
    }
  }
}

// @ts-expect-error wx.request has no PATCH
login.request({ url: '/me', method: 'PATCH' })
// @ts-expect-error not a choice
login.resolveConflict('both')
// @ts-expect-error user is read, not written
login.user = undefined

// What is written here by hand is what the contract says.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [K in keyof T]: Plain<T[K]> }
    : T
export const same: [
  Same<Plain<User>, Plain<contract.User>>,
  Same<Plain<DeviceSession>, Plain<contract.Session>>,
  Same<Plain<ErrorDetail>, Plain<contract.ErrorDetail>>,
  Same<Outcome, contract.Outcome>,
  Same<ConflictChoice, contract.ConflictChoice>,
  Same<Exclude<ClientError['code'], contract.ErrorCode>, import('@mplogin/client').PhoneErrorCode>,
  Same<Extract<ClientError['code'], contract.ErrorCode>, contract.ErrorCode>,
] = [true, true, true, true, true, true, true]
export const signedIn = (answer: contract.LoginAnswer): SignedIn => answer
