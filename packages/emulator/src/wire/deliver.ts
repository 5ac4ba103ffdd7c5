import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import type { Answered } from '../endpoints/answer.js'
import type { Fault } from '../faults/fault.js'

/**
 * Puts an answer on the wire as its fault bends it.
 *
 * @param record called just before anything is sent
 */
export async function deliver(
  reply: FastifyReply,
  answer: { result: Answered | undefined; contentType: string; fault: Fault | undefined },
  record: () => void,
): Promise<void> {
  const { result, contentType, fault } = answer
  // Not holding up the end of the process: whoever closes the emulator is not to wait for a late answer.
  if (fault?.delayMs) await delay(fault.delayMs, undefined, { ref: false })
  record()
  if (fault?.reset) return cutConnection(reply)
  const status = fault?.status ?? 200
  if (result) reply.code(status).header('content-type', contentType).send(JSON.stringify(result.body))
  else
    reply
      .code(status)
      .header('content-type', 'text/html')
      .send(fault?.body ?? errorPage(status))
}

function errorPage(status: number): string {
  return `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`
}

function cutConnection(reply: FastifyReply): void {
  reply.hijack()
  reply.raw.socket?.resetAndDestroy()
}
