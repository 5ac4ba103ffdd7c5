import type { Message } from '@mplogin/contract'
import { type Static, type TOptional, type TSchema, Type } from 'typebox'
import { databaseUrlForms } from '../store/database-url.js'

/** One setting: its schema (type and default), and what an operator reads about it. */
export interface Setting<T extends TSchema = TSchema> {
  readonly schema: T
  /** What a wrong value is answered with: `expected …`. */
  readonly expected: string
  readonly description: Message
  /** Hidden wherever settings are printed. */
  readonly secret?: boolean
}

const setting = <T extends TSchema>(schema: T, expected: string, zh: string, en: string): Setting<T> => ({
  schema,
  expected,
  description: { 'zh-CN': zh, en },
})
const hidden = <T extends TSchema>(...of: Parameters<typeof setting<T>>) => ({ ...setting<T>(...of), secret: true })
const count = (byDefault: number, minimum: number, maximum: number) =>
  Type.Integer({ default: byDefault, minimum, maximum })
const choice = <const T extends string[]>(byDefault: T[number], values: T) =>
  Type.Unsafe<T[number]>(Type.Enum(values, { default: byDefault }))
const text = (byDefault: string, pattern?: string) =>
  Type.String({ default: byDefault, minLength: 1, ...(pattern !== undefined && { pattern }) })
const optionalText = (pattern?: string) =>
  Type.Optional(Type.String({ minLength: 1, ...(pattern !== undefined && { pattern }) }))

/** Every setting, by the name of its environment variable. */
export const settings = {
  PORT: setting(
    count(3000, 0, 65535),
    'a port from 0 to 65535 (0: chosen by the system)',
    '监听端口。',
    'The port to listen on.',
  ),
  HOST: setting(
    text('127.0.0.1'),
    'an address or host name',
    '监听地址；0.0.0.0 表示全部。',
    'The address to listen on; 0.0.0.0 for all.',
  ),
  DATABASE_URL: hidden(
    text('sqlite:./data/mplogin.db'),
    databaseUrlForms,
    '数据库：SQLite（适合单机，可多进程共用一个文件）、PostgreSQL 或 MySQL/MariaDB。服务器地址后可加参数：`sslmode`、`sslrootcert`、`pool_size`（10）、`connect_timeout`（5 秒）、`query_timeout`（10 秒）。',
    'The database: SQLite (serves one machine well, also with several processes on one file), PostgreSQL, MySQL or MariaDB. A server takes the parameters `sslmode`, `sslrootcert`, `pool_size` (10), `connect_timeout` (5 s) and `query_timeout` (10 s).',
  ),
  REDIS_URL: hidden(
    optionalText('^rediss?://'),
    'redis://HOST:PORT',
    '让多个实例共享限流计数；不设置则各自计数。',
    'Shares the rate limit between instances; without it each counts for itself.',
  ),
  WECHAT_APPID: setting(
    optionalText(),
    'the appid of a mini program',
    '小程序的 AppID，与 WECHAT_SECRET 一起设置。',
    'The mini program, together with WECHAT_SECRET.',
  ),
  WECHAT_SECRET: hidden(
    optionalText(),
    'the AppSecret of WECHAT_APPID',
    '小程序的 AppSecret，来自微信公众平台。',
    'Its AppSecret, from the WeChat console.',
  ),
  WECHAT_APPS: hidden(
    optionalText(),
    'a JSON array of {"appid", "secret", "openPlatform"?, "pushToken"?, "encodingAesKey"?, "security"?}',
    '多个小程序（代替 WECHAT_APPID）。openPlatform 相同（自定名称，代表同一个开放平台账号）的小程序共享 unionid。请求未指明 appid 时使用第一个。',
    'Several mini programs, instead of WECHAT_APPID. Those with the same openPlatform (a name of yours for the Open Platform account) share unionids. The first is meant when a request names none.',
  ),
  WECHAT_PUSH_TOKEN: hidden(
    optionalText('^[A-Za-z0-9]{3,32}$'),
    '3 to 32 letters and digits',
    '消息推送的 Token；推送地址为 `/wechat/push/APPID`。多个小程序时写在 WECHAT_APPS 的 pushToken。',
    'The token of what WeChat pushes to `/wechat/push/APPID`: permissions taken back, accounts closed. With WECHAT_APPS it is pushToken there.',
  ),
  WECHAT_ENCODING_AES_KEY: hidden(
    optionalText('^[A-Za-z0-9]{43}$'),
    '43 letters and digits',
    '消息推送的 EncodingAESKey；设置后只接受加密的推送（推荐）。',
    'Its EncodingAESKey: only encrypted pushes are accepted then, as recommended.',
  ),
  WECHAT_CLOUD: setting(
    choice('off', ['off', 'on']),
    'off or on',
    '微信云托管：`/login` 信任网关写入的 `X-WX-OPENID` 等请求头，不需要 code。仅当服务只能经微信访问（关闭公网访问）时才可开启，否则任何人都能冒充任何用户。',
    'WeChat cloud hosting: `/login` believes `X-WX-OPENID` and the other headers of its gateway, without a code. Only where nobody reaches the server but through WeChat (public access off): anybody else could be anyone.',
  ),
  WECHAT_API_BASE: setting(
    text('https://api.weixin.qq.com', '^https?://[^\\s?#]+$'),
    'an http or https URL',
    '微信接口地址；测试时指向模拟器。',
    'Where WeChat answers; the emulator in tests.',
  ),
  WECHAT_TOKEN_MODE: setting(
    choice('stable', ['stable', 'legacy']),
    'stable or legacy',
    '获取 access_token 的方式：稳定版，或旧接口（每次获取都会使前一个失效）。',
    'How access tokens of WeChat are fetched: stable_token, or the older way, where every fetch voids the former token.',
  ),
  WECHAT_CHECK_PHONE_OWNER: setting(
    choice('on', ['on', 'off']),
    'on or off',
    '请微信核对手机号 code 与登录 code 属于同一用户。',
    'Ask WeChat to check that phone code and login code belong to one user.',
  ),
  MPLOGIN_SECRET: hidden(
    optionalText('^[A-Za-z0-9+/_-]{43}=?(\\s*,\\s*[A-Za-z0-9+/_-]{43}=?)*$'),
    '32 bytes in base64, as made by: openssl rand -base64 32 (several, separated by commas, while one is replaced)',
    '唯一的主密钥，其他密钥都由它派生。更换时写成「新,旧」，再运行 `mplogin keys reencrypt`。开发环境自动生成在 ./data；生产环境不设置则拒绝启动。',
    'The one secret from which all keys derive. To replace it name the new and the old one, separated by a comma, and run `mplogin keys reencrypt`. Development makes one in ./data; production refuses to start without.',
  ),
  ISSUER: setting(
    text('mplogin'),
    'a text',
    '访问令牌的 iss，所有实例必须相同。',
    'The iss of access tokens; the same on all instances.',
  ),
  AUDIENCE: setting(text('mplogin'), 'a text', '访问令牌的 aud。', 'The aud of access tokens.'),
  ACCESS_TOKEN_TTL_SECONDS: setting(
    count(900, 10, 86400),
    'seconds from 10 to 86400',
    '访问令牌的有效期（秒）。',
    'How long an access token is valid, in seconds.',
  ),
  SIGNING_ALGORITHM: setting(
    choice('ES256', ['ES256', 'EdDSA', 'RS256']),
    'ES256, EdDSA or RS256',
    '访问令牌的签名算法。修改后先公布新密钥，再用它签名。',
    'How access tokens are signed. After a change the new key is published first, and signs later.',
  ),
  SIGNING_KEY_MAX_DAYS: setting(
    count(90, 0, 3650),
    'days from 0 to 3650',
    '签名密钥使用多少天后自动轮换；0 表示从不。',
    'Days after which another key signs, by itself; 0 for never (`mplogin keys rotate`).',
  ),
  REFRESH_TOKEN_TTL_DAYS: setting(
    count(30, 1, 3650),
    'days from 1 to 3650',
    '多少天不刷新后登录失效。',
    'Days without a refresh after which a login ends.',
  ),
  SESSION_MAX_DAYS: setting(
    count(180, 1, 3650),
    'days from 1 to 3650',
    '无论如何刷新，多少天后登录失效。',
    'Days after which a login ends, however often it was refreshed.',
  ),
  SESSIONS_PER_ACCOUNT: setting(
    count(50, 1, 10000),
    'a number from 1 to 10000',
    '每个账号同时登录的设备数上限，超出时最久未用的退出。',
    'Devices an account may be signed in on; the one unused longest goes.',
  ),
  MERGE: setting(
    choice('auto', ['auto', 'never']),
    'auto or never',
    '发现两个账号属于同一人时自动合并，还是让用户选择。',
    'Whether two accounts that turn out to be one person are merged, or the user is asked.',
  ),
  MERGE_SURVIVOR: setting(
    choice('older', ['older', 'phone']),
    'older or phone',
    '合并时保留较早的账号，还是有手机号的账号。',
    'Which account survives a merge: the older one, or the one that holds the phone.',
  ),
  PHONE_CHANGE: setting(
    choice('replace', ['replace', 'reject']),
    'replace or reject',
    '账号的主人验证了另一个手机号时：替换，还是拒绝。',
    'What happens when the person of an account proves another phone.',
  ),
  SECOND_WECHAT: setting(
    choice('attach', ['attach', 'ask']),
    'attach or ask',
    '另一个微信验证了账号的手机号时：关联，还是询问。',
    'What happens when a second WeChat proves the phone of an account.',
  ),
  PHONE_RECYCLE_DAYS: setting(
    Type.Union([Type.Integer({ minimum: 0, maximum: 36500 }), Type.Literal('never')], { default: 90 }),
    'days from 0 to 36500, or never',
    '账号多少天未出现后，手机号可能已换机主；0 总是询问，never 从不。',
    'Days unseen after which a phone number may have a new holder; 0 always asks, never never does.',
  ),
  MERGE_UNDO_DAYS: setting(
    count(30, 0, 3650),
    'days from 0 to 3650',
    '合并后可以撤销的天数（`mplogin merges undo`）。',
    'Days for which a merge can be undone (`mplogin merges undo`).',
  ),
  UPLOADS_DIR: setting(
    text('./data/uploads'),
    'a directory',
    '头像文件存放的目录；多台机器须共用，或使用 UPLOADS_S3_URL。',
    'Where uploaded avatars are kept. Several machines share it, or use UPLOADS_S3_URL.',
  ),
  UPLOADS_S3_URL: setting(
    optionalText('^https?://[^\\s?#@]+$'),
    'the http or https address of a bucket',
    '改用 S3 兼容的对象存储保存头像：存储桶的地址，可带前缀，如 `https://BUCKET.s3.REGION.amazonaws.com`、`https://BUCKET.cos.REGION.myqcloud.com`、`http://minio:9000/BUCKET`。存储桶无需公开。',
    'Keeps avatars in a bucket instead, of S3 or what speaks its protocol: its address, which may end with a prefix, such as `https://BUCKET.s3.REGION.amazonaws.com`, `https://BUCKET.cos.REGION.myqcloud.com`, `http://minio:9000/BUCKET`. It may be private.',
  ),
  UPLOADS_S3_REGION: setting(text('us-east-1'), 'a region', '存储桶所在的区域。', 'The region of the bucket.'),
  UPLOADS_S3_KEY_ID: hidden(
    optionalText(),
    'an access key id',
    '存储桶的访问密钥 ID，须可读、写、删。',
    'The access key of the bucket; it must be allowed to read, write and delete.',
  ),
  UPLOADS_S3_SECRET: hidden(optionalText(), 'the secret of UPLOADS_S3_KEY_ID', '访问密钥。', 'Its secret.'),
  RATE_LIMIT_PER_MINUTE: setting(
    count(6000, 0, 10_000_000),
    'a number from 0 to 10000000',
    '每个地址每分钟的请求上限，0 表示不限。移动网络常有成千上万部手机共用一个地址。',
    'Requests a minute from one address; 0 for no limit. Mobile carriers put thousands of phones behind one address.',
  ),
  TRUST_PROXY: setting(
    text('off', '^(off|on|\\d{1,2}|[0-9a-fA-F.:/, ]+|loopback)$'),
    'off, on, a number of proxies, or their addresses separated by commas',
    '是否采信 X-Forwarded-For 中的客户端地址；仅在设置该头的代理之后开启。',
    'Whether X-Forwarded-For tells the address of the client. Only behind a proxy that sets it.',
  ),
  CORS_ORIGINS: setting(
    optionalText('^(\\*|https?://[^\\s,/]+(\\s*,\\s*https?://[^\\s,/]+)*)$'),
    'origins separated by commas, such as https://h5.example.com',
    '允许调用接口的网页来源；小程序不需要。',
    'Web pages that may call the API; mini programs need none.',
  ),
  LOG_LEVEL: setting(
    choice('info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'trace, debug, info, warn, error, fatal or silent',
    '日志级别；日志为标准输出上的 JSON 行。',
    'What is logged, as JSON lines on standard output.',
  ),
  ADMIN_TOKEN: hidden(
    Type.Optional(Type.String({ minLength: 16 })),
    'at least 16 characters',
    '供后续版本的管理接口使用；目前没有功能读取它。',
    'For the administration API, which a later version brings; nothing reads it yet.',
  ),
} as const

/** The name of a setting. */
export type SettingName = keyof typeof settings

/** The values of all settings. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]['schema']> }

type ValueOf<T extends TSchema> = T extends TOptional ? Static<T> | undefined : Static<T>
