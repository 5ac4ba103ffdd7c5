import { type Static, Type } from 'typebox'
import { Appid } from './common.js'
import { tokenPairFields } from './token.js'
import { User } from './user.js'

const code = (description: string) => Type.String({ minLength: 1, maxLength: 512, description })

export const LoginRequest = Type.Object({
  code: code('From wx.login; may be sent as a query parameter instead'),
  appid: Type.Optional(Appid),
})

/** Headers of the requests that trade codes. */
export const LoginHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Random, one for each attempt and kept for its repeats: a repeat within 5 minutes is the same login',
    }),
  ),
  'x-device': Type.Optional(
    Type.String({ description: 'A label for the list of sessions, such as the model of the phone' }),
  ),
})

/** The phone button's code, or (legacy) its encrypted data with the code of a `wx.login` made before the tap. */
export const LoginByPhoneRequest = Type.Object(
  {
    code: Type.Optional(code('From the phone button')),
    loginCode: Type.Optional(code('From wx.login; with it WeChat checks that both belong to one user')),
    encryptedData: Type.Optional(
      Type.String({ minLength: 1, maxLength: 8192, description: 'Legacy: base64, from the phone button' }),
    ),
    iv: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Legacy: base64, from the phone button' }),
    ),
    appid: Type.Optional(Appid),
  },
  { anyOf: [{ required: ['code'] }, { required: ['encryptedData', 'iv', 'loginCode'] }] },
)

export const BindPhoneRequest = Type.Object({ code: code('From the phone button') })

/** How the request ended: a new account, one that was there, one that got another identity, or two that became one. */
export const outcomes = ['created', 'existing', 'linked', 'merged'] as const

export const Outcome = Type.Enum([...outcomes])

export const LoginAnswer = Type.Object({
  user: User,
  ...tokenPairFields,
  isNewUser: Type.Boolean(),
  outcome: Outcome,
})

export const BindPhoneAnswer = Type.Object({ user: User, outcome: Outcome })

export type LoginRequest = Static<typeof LoginRequest>
export type LoginByPhoneRequest = Static<typeof LoginByPhoneRequest>
export type BindPhoneRequest = Static<typeof BindPhoneRequest>
export type Outcome = (typeof outcomes)[number]
export type LoginAnswer = Static<typeof LoginAnswer>
export type BindPhoneAnswer = Static<typeof BindPhoneAnswer>
