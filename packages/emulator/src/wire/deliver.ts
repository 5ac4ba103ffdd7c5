import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import type { Bend } from '../faults/fault.js'

/** What goes on the wire, before a fault bends the way it goes. */
export interface Delivery {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/**
 * Puts an answer on the wire as its fault bends it.
 *
 * @param record called just before anything is sent
 */
export async function deliver(reply: FastifyReply, delivery: Delivery, bend: Bend, record: () => void): Promise<void> {
  const { status, headers, text } = delivery
  // Not holding up the end of the process: whoever closes the emulator is not to wait for a late answer.
  if (bend.delayMs) await delay(bend.delayMs, undefined, { ref: false })
  record()
  if (bend.reset) return cutConnection(reply)
  if (bend.half) return sendHalf(reply, delivery)
  if (bend.trickleMs !== undefined) return sendSlowly(reply, delivery, bend.trickleMs)
  reply.code(status).headers(headers).send(text)
}

function cutConnection(reply: FastifyReply): void {
  reply.hijack()
  reply.raw.socket?.resetAndDestroy()
}

/** Announces the whole, sends the half. */
function sendHalf(reply: FastifyReply, { status, headers, text }: Delivery): void {
  reply.hijack()
  const bytes = Buffer.from(text)
  reply.raw.writeHead(status, { ...headers, 'content-length': bytes.length })
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.destroy())
}

async function sendSlowly(reply: FastifyReply, { status, headers, text }: Delivery, pauseMs: number): Promise<void> {
  reply.hijack()
  const bytes = Buffer.from(text)
  reply.raw.writeHead(status, { ...headers, 'content-length': bytes.length })
  for (const byte of bytes) {
    if (reply.raw.destroyed) return
    reply.raw.write(Buffer.of(byte))
    await delay(pauseMs, undefined, { ref: false })
  }
  reply.raw.end()
}
