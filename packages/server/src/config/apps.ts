import { developmentApp } from '@mplogin/contract'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { ConfigError } from './config-error.js'
import type { Settings } from './settings.js'

/** A misspelt name must not leave something switched off that its owner believes to be on. */
const closed = { additionalProperties: false }

/** API security mode (API 安全): the options of @mplogin/wechat under the same names, PEM texts with \\n. */
const Security = Type.Object(
  {
    symmetricKey: Type.String(),
    symmetricKeySn: Type.String(),
    privateKey: Type.String(),
    publicKeySn: Type.Optional(Type.String()),
    platformCertificates: Type.Array(Type.Object({ serial: Type.String(), certificate: Type.String() }, closed), {
      minItems: 1,
    }),
    paths: Type.Optional(Type.Array(Type.String())),
  },
  closed,
)

/** One mini program as it is configured. */
export const AppSettings = Type.Object(
  {
    appid: Type.String({ minLength: 1, maxLength: 64 }),
    secret: Type.String({ minLength: 1 }),
    openPlatform: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** Token and EncodingAESKey of the app's pushes (消息推送配置). */
    pushToken: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9]{3,32}$' })),
    encodingAesKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9]{43}$' })),
    security: Type.Optional(Security),
    /** For the emulator: the app of a person, which may not ask for phone numbers. */
    personal: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type AppSettings = Static<typeof AppSettings>

/** What may be set for a single app, and is written into the list when there are several. */
const single = ['WECHAT_APPID', 'WECHAT_SECRET', 'WECHAT_PUSH_TOKEN', 'WECHAT_ENCODING_AES_KEY'] as const

/**
 * The configured apps; in development, without any, the one that the emulator knows.
 *
 * @throws ConfigError
 */
export function parseApps(
  values: Pick<Settings, 'WECHAT_APPID' | 'WECHAT_SECRET' | 'WECHAT_APPS'> &
    Partial<Pick<Settings, 'WECHAT_PUSH_TOKEN' | 'WECHAT_ENCODING_AES_KEY'>>,
  isProduction: boolean,
): AppSettings[] {
  const { WECHAT_APPID: appid, WECHAT_SECRET: secret, WECHAT_APPS: list } = values
  if (list !== undefined) {
    const beside = single.find(name => values[name] !== undefined)
    if (beside) throw problem(beside, 'it beside WECHAT_APPS', 'only one of the two')
    return parseList(list)
  }
  if (single.every(name => values[name] === undefined)) {
    if (isProduction)
      throw problem('WECHAT_APPID', 'nothing', 'the appid of a mini program, with WECHAT_SECRET (or WECHAT_APPS)')
    return [developmentApp]
  }
  if (appid === undefined) throw problem('WECHAT_APPID', 'nothing', 'the appid that WECHAT_SECRET belongs to')
  if (secret === undefined) throw problem('WECHAT_SECRET', 'nothing', 'the AppSecret of WECHAT_APPID')
  const { WECHAT_PUSH_TOKEN: pushToken, WECHAT_ENCODING_AES_KEY: encodingAesKey } = values
  return [
    assertPushes('WECHAT_PUSH_TOKEN', {
      appid,
      secret,
      ...(pushToken !== undefined && { pushToken }),
      ...(encodingAesKey !== undefined && { encodingAesKey }),
    }),
  ]
}

function assertPushes(key: string, app: AppSettings): AppSettings {
  if (app.encodingAesKey !== undefined && app.pushToken === undefined)
    throw problem(key, 'an EncodingAESKey without a token', 'the token of the pushes that the key is for')
  return app
}

function parseList(text: string): AppSettings[] {
  const expected =
    'a JSON array of {"appid", "secret", "openPlatform"?, "pushToken"?, "encodingAesKey"?, "security"?}, each appid once'
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw problem('WECHAT_APPS', 'text that is not JSON', expected)
  }
  const Apps = Type.Array(AppSettings, { minItems: 1 })
  if (!Value.Check(Apps, list)) {
    const [first] = Value.Errors(Apps, list)
    const reason = first?.message === 'schema is false' ? 'is not known' : first?.message
    const where = first ? ` (${first.instancePath || 'the whole'} ${reason})` : ''
    throw problem('WECHAT_APPS', `JSON of another shape${where}`, expected)
  }
  if (new Set(list.map(app => app.appid)).size < list.length) throw problem('WECHAT_APPS', 'an appid twice', expected)
  return list.map(app => assertPushes('WECHAT_APPS', app))
}

function problem(key: string, found: string, expected: string): ConfigError {
  return new ConfigError([{ key, found, expected }])
}
