import { type TSchema, Type } from 'typebox'
import type { ErrorCode } from './errors.js'
import { ResolveConflictRequest } from './schemas/conflict.js'
import {
  BindPhoneAnswer,
  BindPhoneRequest,
  LoginAnswer,
  LoginByPhoneRequest,
  LoginHeaders,
  LoginRequest,
} from './schemas/login.js'
import { SessionParams, SessionsAnswer } from './schemas/session.js'
import { LogoutRequest, RefreshRequest, TokenPair } from './schemas/token.js'
import { AvatarUpload, UpdateUserRequest, UserAnswer } from './schemas/user.js'

/** A route of the API: what it takes, what it gives inside the success envelope, and how it can fail besides the common errors. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Another method that does the same: `wx.request` has no PATCH. */
  readonly alsoBy?: 'POST'
  readonly path: string
  readonly summary: string
  /** The chapter of the API it belongs to. */
  readonly tag: 'Login' | 'Sessions' | 'Account'
  /** Whether an access token is asked for. */
  readonly bearer: boolean
  readonly headers?: TSchema
  readonly body?: TSchema
  /** In place of a JSON body: the fields of a multipart/form-data one. */
  readonly form?: TSchema
  readonly params?: TSchema
  readonly data: TSchema
  readonly errors: readonly ErrorCode[]
}

/** Errors any route can answer. */
export const commonErrors = [
  'BAD_REQUEST',
  'RATE_LIMITED',
  'INTERNAL',
  'SERVICE_UNAVAILABLE',
] as const satisfies ErrorCode[]

const bearerErrors = [
  'UNAUTHENTICATED',
  'TOKEN_EXPIRED',
  'SESSION_REVOKED',
  'ACCOUNT_DISABLED',
] as const satisfies ErrorCode[]
const bodyErrors = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const satisfies ErrorCode[]
const wechatErrors = [
  'WECHAT_USER_BLOCKED',
  'WECHAT_RATE_LIMITED',
  'WECHAT_CONFIG',
  'WECHAT_UNAVAILABLE',
] as const satisfies ErrorCode[]
const loginErrors = [
  'APP_UNKNOWN',
  'WECHAT_CODE_INVALID',
  'WECHAT_CODE_USED',
  'ACCOUNT_DISABLED',
  'ACCOUNT_CONFLICT',
  'IDEMPOTENCY_KEY_REUSED',
  'SESSION_REVOKED',
] as const satisfies ErrorCode[]
const phoneErrors = [
  'PHONE_CODE_INVALID',
  'PHONE_CODE_NOT_YOURS',
  'PHONE_ALREADY_BOUND',
  'PHONE_MAY_BE_RECYCLED',
] as const satisfies ErrorCode[]

const Empty = Type.Object({})

/** The routes under the prefix a host chooses. Service routes (keys, health, metrics, documentation) are the server's own. */
export const routes = {
  login: {
    method: 'POST',
    path: '/login',
    tag: 'Login',
    summary: 'Log in with the code of wx.login',
    bearer: false,
    headers: LoginHeaders,
    body: LoginRequest,
    data: LoginAnswer,
    errors: [...loginErrors, ...wechatErrors, ...bodyErrors],
  },
  loginByPhone: {
    method: 'POST',
    path: '/loginByPhone',
    tag: 'Login',
    summary: 'Log in with the code of the phone button, best together with the code of wx.login',
    bearer: false,
    headers: LoginHeaders,
    body: LoginByPhoneRequest,
    data: LoginAnswer,
    errors: [...loginErrors, ...phoneErrors, ...wechatErrors, ...bodyErrors],
  },
  bindPhone: {
    method: 'POST',
    path: '/bindPhone',
    tag: 'Login',
    summary: 'Give the signed-in account the phone of the button',
    bearer: true,
    headers: LoginHeaders,
    body: BindPhoneRequest,
    data: BindPhoneAnswer,
    errors: [...bearerErrors, ...phoneErrors, 'ACCOUNT_CONFLICT', ...wechatErrors, ...bodyErrors],
  },
  resolveConflict: {
    method: 'POST',
    path: '/conflicts/resolve',
    tag: 'Login',
    summary: "Carry out the user's choice after a 409, and log in",
    bearer: false,
    body: ResolveConflictRequest,
    data: LoginAnswer,
    errors: [
      'TICKET_INVALID',
      'TICKET_USED',
      'ACCOUNT_DISABLED',
      'ACCOUNT_CONFLICT',
      'PHONE_ALREADY_BOUND',
      ...bodyErrors,
    ],
  },
  refresh: {
    method: 'POST',
    path: '/token/refresh',
    tag: 'Sessions',
    summary: 'Trade a refresh token for a new pair',
    bearer: false,
    body: RefreshRequest,
    data: TokenPair,
    errors: ['REFRESH_INVALID', 'REFRESH_REUSED', 'SESSION_REVOKED', 'ACCOUNT_DISABLED', ...bodyErrors],
  },
  logout: {
    method: 'POST',
    path: '/logout',
    tag: 'Sessions',
    summary: 'End this session, or all of them',
    bearer: true,
    body: LogoutRequest,
    data: Empty,
    errors: [...bearerErrors, ...bodyErrors],
  },
  getMe: {
    method: 'GET',
    path: '/me',
    tag: 'Account',
    summary: 'The signed-in user',
    bearer: true,
    data: UserAnswer,
    errors: [...bearerErrors],
  },
  updateMe: {
    method: 'PATCH',
    alsoBy: 'POST',
    path: '/me',
    tag: 'Account',
    summary: 'Change nickname or avatar; mini programs, whose wx.request has no PATCH, send POST',
    bearer: true,
    body: UpdateUserRequest,
    data: UserAnswer,
    errors: [...bearerErrors, ...bodyErrors],
  },
  updateMeByPost: {
    method: 'POST',
    path: '/me',
    tag: 'Account',
    summary: 'The same for wx.request, which does not know PATCH',
    bearer: true,
    body: UpdateUserRequest,
    data: UserAnswer,
    errors: [...bearerErrors, ...bodyErrors],
  },
  uploadAvatar: {
    method: 'POST',
    path: '/me/avatar',
    tag: 'Account',
    summary: 'Upload a picture as avatar; it is made a square of 512 pixels at most, and the former one is removed',
    bearer: true,
    form: AvatarUpload,
    data: UserAnswer,
    errors: [...bearerErrors, 'IMAGE_INVALID', ...bodyErrors],
  },
  deleteMe: {
    method: 'DELETE',
    path: '/me',
    tag: 'Account',
    summary: 'Delete the account (注销): personal data is erased, every session ends',
    bearer: true,
    data: Empty,
    errors: [...bearerErrors],
  },
  listSessions: {
    method: 'GET',
    path: '/me/sessions',
    tag: 'Sessions',
    summary: 'The devices this account is signed in on',
    bearer: true,
    data: SessionsAnswer,
    errors: [...bearerErrors],
  },
  revokeSession: {
    method: 'DELETE',
    path: '/me/sessions/:id',
    tag: 'Sessions',
    summary: 'Sign one device out',
    bearer: true,
    params: SessionParams,
    data: Empty,
    errors: [...bearerErrors, 'NOT_FOUND'],
  },
} as const satisfies Record<string, Route>

/** The name of a route. */
export type RouteName = keyof typeof routes
