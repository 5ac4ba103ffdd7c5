import type { FastifyInstance } from 'fastify'
import { EmulatorError } from '../emulator-error.js'
import { isLoopbackOrigin } from '../loopback.js'

/**
 * Keeps web pages of elsewhere from steering the emulator through a browser: Host and Origin must be loopback. With
 * `allowRemote` it is called by any name, and its own page may be open there; other pages may not.
 */
export function guardControl(app: FastifyInstance, { allowRemote }: { allowRemote: boolean }): void {
  app.addHook('onRequest', async ({ headers: { host, origin } }) => {
    const own = host === undefined ? undefined : `http://${host}`
    const isOurs = (it: string | undefined) => it === undefined || isLoopbackOrigin(it)
    if (!(isOurs(origin) || (allowRemote && origin === own)) || !(allowRemote || isOurs(own))) {
      throw new EmulatorError('FORBIDDEN', 'the emulator is steered from this machine only')
    }
  })
}
