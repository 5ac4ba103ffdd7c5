import { EmulatorError } from '../emulator-error.js'
import type { EmulatedApp } from './types.js'

/** The mini programs that this WeChat knows; the first is meant where none is named. */
export function createApps(configured: readonly EmulatedApp[]) {
  if (configured.length === 0) throw new TypeError('apps: expected at least one')
  const apps = new Map<string, EmulatedApp>()

  /** Back to the configured ones. */
  function reset(): void {
    apps.clear()
    for (const app of configured) apps.set(app.appid, { ...app })
  }
  reset()

  return {
    reset,
    add: (app: EmulatedApp) => void apps.set(app.appid, { ...app }),
    all: () => [...apps.values()],
    find: (appid: string) => apps.get(appid),
    /** @throws EmulatorError NOT_FOUND */
    get(appid?: string): EmulatedApp {
      const app = appid === undefined ? apps.values().next().value : apps.get(appid)
      if (!app) throw new EmulatorError('NOT_FOUND', 'there is no app with this appid')
      return app
    },
  }
}

export type Apps = ReturnType<typeof createApps>
