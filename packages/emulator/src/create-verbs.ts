import type { CallLog } from './calls/call-log.js'
import { EmulatorError } from './emulator-error.js'
import { endpointPaths } from './endpoints/paths.js'
import type { Faults } from './faults/faults.js'
import type { Push } from './push/push.js'
import type { AppView, EmulatorVerbs } from './verbs.js'
import type { EmulatedApp } from './world/types.js'
import type { World } from './world/world.js'

/** The verbs of an emulator, over its parts. */
export function createVerbs(parts: { world: World; faults: Faults; log: CallLog; push: Push }): EmulatorVerbs {
  const { world, faults, log, push } = parts
  const { apps, users, tokens, quotas, settings, platformKeys, billing } = world
  return {
    addApp: apps.add,
    apps: () => apps.all().map(showApp),
    createUser: (input = {}) => users.create(input),
    users: () => users.all().map(person => users.view(person)),
    firstUsers: count => ({
      users: users.first(count).map(person => users.view(person)),
      total: users.count(),
    }),
    changeUser: users.change,
    loginCode: (userId, { appid } = {}) => world.login(userId, appid),
    phoneCode: (userId, input = {}) => world.tapPhone(userId, input),
    realtimePhoneCode: (userId, input = {}) => world.tapRealtimePhone(userId, input),
    pluginCode: (userId, { appid } = {}) => world.pluginLogin(userId, appid),
    checkSession: (userId, { appid } = {}) => world.checkSession(userId, appid),
    pay: (userId, { appid, ...payment } = {}) => world.pay(userId, appid, payment),
    addFault: faults.add,
    faults: faults.all,
    removeFault: id => (id === undefined ? faults.clear() : faults.remove(id)),
    setQuota({ appid, path, ...quota }) {
      if (appid !== undefined) apps.get(appid)
      if (!endpointPaths.has(path)) throw new EmulatorError('BAD_REQUEST', `path: ${path} is none of the endpoints`)
      quotas.set(appid, path, quota)
    },
    voidTokens({ appid, family } = {}) {
      const app = apps.get(appid)
      for (const each of family ? [family] : (['legacy', 'stable'] as const)) tokens.void(app.appid, each)
    },
    settings: settings.get,
    changeSettings: settings.change,
    platformKeys: platformKeys.published,
    rotatePlatformKey: platformKeys.rotate,
    retirePlatformKey: platformKeys.retire,
    push: push.send,
    verifyPush: (input = {}) => push.verify(input),
    advanceClock: world.advance,
    now: world.now,
    stats: () => ({ calls: log.counts(), ...billing.total(), tokens: tokens.counts() }),
    calls: (after = 0) => log.since(after),
    onCall: log.listen,
    reset() {
      world.reset()
      faults.clear()
      log.clear()
    },
  }
}

function showApp({ secret: _secret, security, push, ...app }: EmulatedApp): AppView {
  return { ...app, ...(security && { security: showSecurity(security) }), ...(push && { push: showPush(push) }) }
}

function showSecurity({ symmetricKey: _key, ...security }: NonNullable<EmulatedApp['security']>) {
  return security
}

function showPush({ token: _token, encodingAESKey: _key, ...push }: NonNullable<EmulatedApp['push']>) {
  return push
}
