import { createLane } from './lane.js'
import { type LoginClientOptions, parseOptions } from './options.js'
import { createSessionStore } from './session-store.js'

/** What the parts of a client share: settings, the session, and what is done one at a time. */
export function createCore(options: LoginClientOptions) {
  const settings = parseOptions(options)
  return Object.assign(settings, createSessionStore(settings), { run: createLane(), runRefresh: createLane() })
}

export type Core = ReturnType<typeof createCore>
