import { endpointPaths } from '../endpoints/paths.js'
import type { WaitingFault } from '../faults/faults.js'
import type { AppView, EmulatorVerbs, Stats } from '../verbs.js'
import type { EmulatorSettings } from '../world/settings.js'
import type { User } from '../world/types.js'

/** More people than a page shows well. */
const shownUsers = 100

/** What the page asks for, all at once. */
export interface Overview {
  readonly now: string
  /** The first hundred. */
  readonly users: readonly User[]
  readonly userCount: number
  readonly apps: readonly AppView[]
  readonly faults: readonly WaitingFault[]
  readonly stats: Stats
  readonly settings: EmulatorSettings
  readonly endpoints: readonly string[]
}

export function overviewOf(emulator: EmulatorVerbs): Overview {
  const { users, total } = emulator.firstUsers(shownUsers)
  return {
    now: emulator.now().toISOString(),
    users,
    userCount: total,
    apps: emulator.apps(),
    faults: emulator.faults(),
    stats: emulator.stats(),
    settings: emulator.settings(),
    endpoints: [...endpointPaths],
  }
}
