import type { CallLog } from './calls/call-log.js'
import type { Faults } from './faults/faults.js'
import type { EmulatorVerbs } from './verbs.js'
import type { World } from './world/world.js'

/** The verbs of an emulator, over its parts. */
export function createVerbs({ world, faults, log }: { world: World; faults: Faults; log: CallLog }): EmulatorVerbs {
  return {
    addApp: world.apps.add,
    apps: () => world.apps.all().map(({ secret: _secret, ...app }) => app),
    createUser: (input = {}) => world.users.create(input),
    users: () => world.users.all().map(person => world.users.view(person)),
    loginCode: (userId, { appid } = {}) => world.login(userId, appid),
    phoneCode: (userId, { appid } = {}) => world.tapPhone(userId, appid),
    addFault: faults.add,
    advanceClock: world.advance,
    stats: () => ({ calls: log.counts(), ...world.billing.total() }),
    calls: (after = 0) => log.since(after),
    onCall: log.listen,
    reset() {
      world.reset()
      faults.clear()
      log.clear()
    },
  }
}
