import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { developmentApp } from '@mplogin/contract'
import Fastify from 'fastify'
import { createCallLog } from './calls/call-log.js'
import { controlPlugin } from './control/plugin.js'
import { createVerbs } from './create-verbs.js'
import { endpoints } from './endpoints/all.js'
import { endpointPaths } from './endpoints/paths.js'
import { createFaults } from './faults/faults.js'
import { isLoopback } from './loopback.js'
import { createPush } from './push/push.js'
import type { EmulatorVerbs } from './verbs.js'
import { addWechatRoutes } from './wire/routes.js'
import type { EmulatorSettings } from './world/settings.js'
import type { Clock, EmulatedApp, RandomBytes } from './world/types.js'
import { createWorld } from './world/world.js'

/** How an emulator is started; everything has a default. */
export interface EmulatorOptions {
  /** Default 127.0.0.1; anything that other machines reach needs `allowRemote`. */
  readonly host?: string
  /** Default 0: chosen by the system. */
  readonly port?: number
  readonly allowRemote?: boolean
  /** Default: the development app that `@mplogin/server` knows too. */
  readonly apps?: readonly EmulatedApp[]
  /** What its clock starts from; `advanceClock` adds to it. */
  readonly clock?: Clock
  /** What WeChat keeps secret or does not document; see `EmulatorSettings`. */
  readonly settings?: Partial<EmulatorSettings>
  /** The same as `settings.openidMismatchErrcode`. */
  readonly openidMismatchErrcode?: number
  readonly random?: RandomBytes
}

/** A running emulator. */
export interface Emulator extends EmulatorVerbs {
  /** Where it answers, such as http://127.0.0.1:3001. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts WeChat's side on a port of its own.
 *
 * @throws TypeError when the host is not loopback and `allowRemote` is not set · the system's error when the port is taken
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { host = '127.0.0.1', port = 0, allowRemote = false, openidMismatchErrcode } = options
  if (!isLoopback(host) && !allowRemote) {
    throw new TypeError(
      `host: ${host} is not a loopback address; the emulator listens there only when remote access is allowed`,
    )
  }
  const { clock = () => new Date(), random = randomBytes, apps = [developmentApp] } = options
  const settings = { ...(openidMismatchErrcode !== undefined && { openidMismatchErrcode }), ...options.settings }
  const world = createWorld({ apps, clock, random, settings })
  const faults = createFaults(endpointPaths)
  const log = createCallLog()
  const push = createPush({ world, allowRemote })
  const verbs = createVerbs({ world, faults, log, push })

  const server = Fastify({ forceCloseConnections: true, exposeHeadRoutes: false })
  await server.register(async scope => addWechatRoutes(scope, { world, faults, log, endpoints }))
  await server.register(controlPlugin, { prefix: '/_emulator', emulator: verbs, allowRemote })
  await server.listen({ host, port })
  const address = server.server.address() as AddressInfo
  return {
    ...verbs,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close() {
      push.close()
      return server.close()
    },
  }
}
