import type { FastifyInstance } from 'fastify'
import { EmulatorError } from '../emulator-error.js'
import { isLoopbackOrigin } from '../loopback.js'

/** Keeps web pages of elsewhere from steering the emulator through a browser on this machine: Host and Origin must be loopback. */
export function guardControl(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }) => {
    const origins = [headers.origin, headers.host === undefined ? undefined : `http://${headers.host}`]
    if (!origins.every(origin => origin === undefined || isLoopbackOrigin(origin))) {
      throw new EmulatorError('FORBIDDEN', 'the emulator is steered from this machine only')
    }
  })
}
