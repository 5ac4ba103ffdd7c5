import { toClientError } from './failures.js'

/** What the handler of the phone button gets in wx, uni-app and Taro: so much of it as is read. */
export interface PhoneEvent {
  readonly detail: {
    /** Since base library 2.21.2. */
    readonly code?: string
    readonly errMsg?: string
    readonly errno?: number
    /** Before that, together with the code of a `wx.login` made before the tap: see `preparePhone`. */
    readonly encryptedData?: string
    readonly iv?: string
  }
}

/** What the button gave. @throws ClientError why it gave nothing */
export function readProof({ detail }: PhoneEvent): object {
  const { code, encryptedData, iv } = detail
  if (code) return { code }
  if (iv) return { encryptedData, iv }
  throw toClientError(detail, 'PHONE_FAILED')
}
