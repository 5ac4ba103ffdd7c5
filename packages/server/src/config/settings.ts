import { type Static, type TOptional, type TSchema, Type } from 'typebox'

/** One setting: its schema (type and default), and what an operator reads about it. */
export interface Setting<T extends TSchema = TSchema> {
  readonly schema: T
  /** What a wrong value is answered with: `expected …`. */
  readonly expected: string
  readonly description: string
  /** Hidden wherever settings are printed. */
  readonly secret?: boolean
}

const setting = <T extends TSchema>(schema: T, expected: string, description: string): Setting<T> => ({
  schema,
  expected,
  description,
})
const hidden = <T extends TSchema>(schema: T, expected: string, description: string): Setting<T> => ({
  ...setting(schema, expected, description),
  secret: true,
})
const count = (byDefault: number, minimum: number, maximum: number) =>
  Type.Integer({ default: byDefault, minimum, maximum })
const choice = <const T extends string[]>(byDefault: T[number], values: T) =>
  Type.Unsafe<T[number]>(Type.Enum(values, { default: byDefault }))
const optionalText = (pattern?: string) =>
  Type.Optional(Type.String({ minLength: 1, ...(pattern !== undefined && { pattern }) }))

/** Every setting, by the name of its environment variable. */
export const settings = {
  PORT: setting(count(3000, 0, 65535), 'a port from 0 to 65535 (0: chosen by the system)', 'Where the server listens.'),
  HOST: setting(
    Type.String({ default: '127.0.0.1', minLength: 1 }),
    'an address or host name',
    'The address it listens on; 0.0.0.0 for all.',
  ),
  DATABASE_URL: hidden(
    Type.String({ default: 'sqlite:./data/mplogin.db', pattern: '^sqlite:.+' }),
    'sqlite:PATH',
    'The database. SQLite serves one machine well, also with several processes.',
  ),
  REDIS_URL: hidden(
    optionalText('^rediss?://'),
    'redis://HOST:PORT',
    'Shares the rate limit between instances; without it each counts for itself.',
  ),
  WECHAT_APPID: setting(optionalText(), 'the appid of a mini program', 'The mini program, with WECHAT_SECRET.'),
  WECHAT_SECRET: hidden(optionalText(), 'the AppSecret of WECHAT_APPID', 'Its AppSecret, from the WeChat console.'),
  WECHAT_APPS: hidden(
    optionalText(),
    'a JSON array of {"appid", "secret", "openPlatform"?}',
    'Several mini programs instead of WECHAT_APPID. Apps with the same openPlatform (any name of yours for the Open Platform account) share unionids. The first one is meant when a request names none.',
  ),
  WECHAT_API_BASE: setting(
    Type.String({ default: 'https://api.weixin.qq.com', pattern: '^https?://[^\\s?#]+$' }),
    'an http or https URL',
    'Where WeChat (or the emulator) answers.',
  ),
  WECHAT_TOKEN_MODE: setting(
    choice('stable', ['stable', 'legacy']),
    'stable or legacy',
    'How access tokens of WeChat are fetched: stable_token, or the older token whose every fetch voids the former.',
  ),
  WECHAT_CHECK_PHONE_OWNER: setting(
    choice('on', ['on', 'off']),
    'on or off',
    'Ask WeChat to check that phone code and login code belong to one user.',
  ),
  MPLOGIN_SECRET: hidden(
    optionalText('^[A-Za-z0-9+/_-]{43}=?$'),
    '32 bytes in base64, as made by: openssl rand -base64 32',
    'The one secret from which all keys derive. Development makes one in ./data; production refuses to start without.',
  ),
  ISSUER: setting(
    Type.String({ default: 'mplogin', minLength: 1 }),
    'a text',
    'The `iss` of access tokens; the same on all instances.',
  ),
  AUDIENCE: setting(Type.String({ default: 'mplogin', minLength: 1 }), 'a text', 'The `aud` of access tokens.'),
  ACCESS_TOKEN_TTL_SECONDS: setting(
    count(900, 10, 86400),
    'seconds from 10 to 86400',
    'How long an access token is valid.',
  ),
  REFRESH_TOKEN_TTL_DAYS: setting(
    count(30, 1, 3650),
    'days from 1 to 3650',
    'Days without a refresh after which a login ends.',
  ),
  SESSION_MAX_DAYS: setting(
    count(180, 1, 3650),
    'days from 1 to 3650',
    'Days after which a login ends, however often it was refreshed.',
  ),
  SESSIONS_PER_ACCOUNT: setting(
    count(50, 1, 10000),
    'a number from 1 to 10000',
    'Devices an account may be signed in on; the one unused longest goes.',
  ),
  MERGE: setting(
    choice('auto', ['auto', 'never']),
    'auto or never',
    'Whether two accounts that turn out to be one person are merged, or the user is asked.',
  ),
  MERGE_SURVIVOR: setting(
    choice('older', ['older', 'phone']),
    'older or phone',
    'Which account survives a merge: the older one, or the one that holds the phone.',
  ),
  PHONE_CHANGE: setting(
    choice('replace', ['replace', 'reject']),
    'replace or reject',
    'What happens when the person of an account proves another phone.',
  ),
  SECOND_WECHAT: setting(
    choice('attach', ['attach', 'ask']),
    'attach or ask',
    'What happens when a second WeChat proves the phone of an account.',
  ),
  PHONE_RECYCLE_DAYS: setting(
    Type.Union([Type.Integer({ minimum: 0, maximum: 36500 }), Type.Literal('never')], { default: 90 }),
    'days from 0 to 36500, or never',
    'Days unseen after which a phone number may have a new holder; 0 always asks, never never does.',
  ),
  MERGE_UNDO_DAYS: setting(
    count(30, 0, 3650),
    'days from 0 to 3650',
    'Days for which a merge keeps what it needs to be undone.',
  ),
  RATE_LIMIT_PER_MINUTE: setting(
    count(6000, 0, 10_000_000),
    'a number from 0 to 10000000',
    'Requests a minute from one address; 0 for no limit. Mobile carriers put thousands of phones behind one address.',
  ),
  TRUST_PROXY: setting(
    Type.String({ default: 'off', pattern: '^(off|on|\\d{1,2}|[0-9a-fA-F.:/, ]+|loopback)$' }),
    'off, on, a number of proxies, or their addresses separated by commas',
    'Whether X-Forwarded-For tells the address of the client. Switch it on only behind a proxy that sets it.',
  ),
  CORS_ORIGINS: setting(
    optionalText('^(\\*|https?://[^\\s,/]+(\\s*,\\s*https?://[^\\s,/]+)*)$'),
    'origins separated by commas, such as https://h5.example.com',
    'Web pages that may call the API; mini programs need none.',
  ),
  LOG_LEVEL: setting(
    choice('info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'trace, debug, info, warn, error, fatal or silent',
    'What is logged, as JSON lines on standard output.',
  ),
  ADMIN_TOKEN: hidden(
    Type.Optional(Type.String({ minLength: 16 })),
    'at least 16 characters',
    'For the administration API, which a later version brings; nothing reads it yet.',
  ),
} as const

/** The name of a setting. */
export type SettingName = keyof typeof settings

/** The values of all settings. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]['schema']> }

type ValueOf<T extends TSchema> = T extends TOptional ? Static<T> | undefined : Static<T>
