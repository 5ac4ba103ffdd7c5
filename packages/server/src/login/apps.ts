import type { PushReader, Wechat } from '@mplogin/wechat'
import { LoginError } from '../errors.js'

/** A mini program this server logs people in to. */
export interface App {
  readonly appid: string
  /** Its Open Platform account, the scope of its unionids; empty when it was not configured. */
  readonly platform: string
  /** What `platform` was called before, for unionids stored then. */
  readonly formerPlatforms?: readonly string[]
  readonly wechat: Wechat
  /** Reads what WeChat pushes about it, where that is configured. */
  readonly push?: PushReader
}

/** The configured apps; the first one is meant when a request names none. */
export function createApps(apps: readonly App[]) {
  const [first] = apps
  if (!first) throw new TypeError('at least one app is needed')
  const byAppid = new Map(apps.map(app => [app.appid, app]))
  return {
    all: () => apps,
    /** @throws LoginError APP_UNKNOWN */
    get(appid?: string): App {
      const app = appid === undefined ? first : byAppid.get(appid)
      if (!app) throw new LoginError('APP_UNKNOWN', 'the appid is not one of the configured apps')
      return app
    },
  }
}

export type Apps = ReturnType<typeof createApps>
