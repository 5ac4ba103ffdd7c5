/**
 * Stands between a peer and its database server and counts the statements that are sent: of PostgreSQL's protocol the
 * messages Query and Execute, of MySQL's the commands COM_QUERY and COM_STMT_EXECUTE. Every peer is counted alike, and no
 * server needs an extension. It takes time, so nothing else is measured through it.
 */
import { connect, createServer } from 'node:net'
import { answerParent } from './lib/ipc.js'

let target
let statements = 0

const server = createServer({ noDelay: true }, client => {
  const upstream = connect({ ...target.address, noDelay: true })
  const count = target.kind === 'postgres' ? createPostgresCounter() : createMysqlCounter()
  client.on('data', chunk => {
    count(chunk)
    upstream.write(chunk)
  })
  upstream.on('data', chunk => client.write(chunk))
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

/** Messages have a type and a length, but for those before the session begins. */
function createPostgresCounter() {
  let pending = Buffer.alloc(0)
  let hasBegun = false
  return chunk => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const typeBytes = hasBegun ? 1 : 0
      if (pending.length < typeBytes + 4) return
      const end = typeBytes + pending.readUInt32BE(typeBytes)
      if (pending.length < end) return
      if (!hasBegun) hasBegun = pending.readUInt16BE(4) === 3
      else if (pending[0] === 0x51 || pending[0] === 0x45) statements++
      pending = pending.subarray(end)
    }
  }
}

/** Packets have a length and a number; one that begins a command has the number 0. */
function createMysqlCounter() {
  let pending = Buffer.alloc(0)
  return chunk => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      if (pending.length < 4) return
      const end = 4 + pending.readUIntLE(0, 3)
      if (pending.length < end) return
      if (pending[3] === 0 && (pending[4] === 0x03 || pending[4] === 0x17)) statements++
      pending = pending.subarray(end)
    }
  }
}

answerParent({
  /** Where to pass on to; gives the port to connect to. */
  open({ kind, host, port }) {
    target = { kind, address: { host, port } }
    return server.address().port
  },
  statements: () => statements,
})
process.on('disconnect', () => process.exit())
