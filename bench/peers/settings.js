/** What every peer is told by its environment. */
export const settings = {
  port: Number(process.env.PORT ?? 3000),
  databaseUrl: process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres',
  wechatBase: process.env.WECHAT_API_BASE ?? 'https://api.weixin.qq.com',
  appid: process.env.WECHAT_APPID ?? '',
  secret: process.env.WECHAT_SECRET ?? '',
  /** Signs tokens: what it is made of is the peer's affair. */
  tokenSecret: process.env.TOKEN_SECRET ?? '',
  /** Whether to make the tables at start. */
  migrates: process.env.BENCH_MIGRATE === 'on',
}

/** As mplogin shows a phone. */
export const maskPhone = number => `${number.slice(0, 3)}${'*'.repeat(number.length - 5)}${number.slice(-2)}`

/** As mplogin names a new user, roughly. */
export const randomNickname = () => `用户${Math.random().toString(36).slice(2, 8)}`

export const defaultAvatar = '/uploads/default-avatar.png'
