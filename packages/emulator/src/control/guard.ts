import type { FastifyInstance } from 'fastify'
import { EmulatorError } from '../emulator-error.js'

/** Whether an address to listen on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Keeps web pages of elsewhere from steering the emulator through a browser on this machine: Host and Origin must be loopback. */
export function guardControl(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }) => {
    const origins = [headers.origin, headers.host === undefined ? undefined : `http://${headers.host}`]
    if (!origins.every(origin => origin === undefined || isLoopbackOrigin(origin))) {
      throw new EmulatorError('FORBIDDEN', 'the emulator is steered from this machine only')
    }
  })
}

/** Whether a page's origin is on this machine. */
export function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1'))
}
