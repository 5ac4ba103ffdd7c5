import { connect, createServer, type Socket } from 'node:net'

/** A network between a client and a server that a test can break. */
export async function startProxy(port: number) {
  const sockets = new Set<Socket>()
  let mode: 'pass' | 'refuse' | 'silent' = 'pass'
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
  }
  const server = createServer(client => {
    track(client)
    if (mode === 'refuse') return client.destroy()
    const upstream = connect(port, '127.0.0.1')
    track(upstream)
    client.on('data', chunk => mode === 'pass' && upstream.write(chunk))
    upstream.on('data', chunk => mode === 'pass' && client.write(chunk))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as { port: number }).port,
    /** Everything passes, also on connections that were silent. */
    pass() {
      mode = 'pass'
    },
    /** Connections are cut, and new ones refused. */
    refuse() {
      mode = 'refuse'
      cut()
    },
    /** Connections stay open, and nothing arrives any more. */
    silence() {
      mode = 'silent'
    },
    cut,
    async close() {
      cut()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
