import { isIPv4, isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { RequestContext } from '../login/context.js'
import { languageOf } from './language.js'

const maxDeviceLength = 128

/** What the use cases need to know of a request. */
export function contextOf(request: FastifyRequest): RequestContext {
  return {
    language: languageOf(request),
    address: networkOf(request.ip),
    device: deviceOf(request),
    idempotencyKey: idempotencyKeyOf(request),
  }
}

/** An address shortened to its network, so that a session list tells places apart but names no household. */
export function networkOf(address: string): string | undefined {
  const v4 = address.replace(/^::ffff:/, '')
  if (isIPv4(v4)) return v4.replace(/\d+$/, '*')
  if (!isIPv6(address)) return undefined
  const [head = ''] = address.split('::')
  return `${head.split(':').slice(0, 3).join(':')}::*`
}

/** The SDK's label of the device (`X-Device`), else the part of the user agent that names it. */
function deviceOf({ headers }: FastifyRequest): string | undefined {
  const label = headers['x-device']
  const text = typeof label === 'string' && label !== '' ? label : headers['user-agent']
  return text?.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '').slice(0, maxDeviceLength) || undefined
}

function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key']
  return typeof key === 'string' ? key : undefined
}
