import { firstAnswer, freePort, startProcess } from './processes.js'

/** The option that lets one command run several processes on one port. */
const workersOption = ({ workers }) => (workers === undefined ? [] : ['--workers', String(workers)])

/**
 * A peer that runs on a fresh database: as many processes as the setting says, each on a port of its own, as behind a load
 * balancer that costs nothing.
 *
 * @param viaPort of a proxy in front of the database server, if statements are counted
 */
export async function startPeer(rig, peer, setting, { viaPort } = {}) {
  await rig.wechat.ask('slow', setting.latencyMs)
  const fresh = await rig.seeds.fresh(peer, setting.database, setting.accounts)
  const url = viaPort === undefined ? fresh.url : Object.assign(new URL(fresh.url), { port: viaPort }).href
  const started = []
  const stop = async () => {
    // Connections of the load would be opened again and again, to nobody, while the next peer starts.
    if (!rig.load.hasEnded()) await rig.load.ask('close')
    await Promise.all(started.map(server => server.stop()))
    await fresh.drop()
  }
  const start = async (role, environment) => {
    const port = await freePort()
    const startedAt = performance.now()
    const server = startProcess(peer[role].module, {
      args: [...(peer[role].args ?? []), ...(role === 'server' ? workersOption(setting) : [])],
      env: rig.launch(environment, url, port),
      directory: rig.directory,
      name: `${peer.name}-${role}`,
      isPeer: true,
    })
    started.push(server)
    // The first answer is a whole one: a person of the seed logs in. A back end answers somebody without a token.
    const status = await firstAnswer(server, port, role === 'server' ? peer.requests.login(0) : peer.requests.verify())
    const expected = role === 'server' ? 200 : 401
    if (status !== expected) throw new Error(`${peer.title} answered ${status} at first:\n${server.output()}`)
    return { ...server, port, firstAnswerMs: performance.now() - startedAt }
  }
  const many = (role, environment) =>
    Promise.all(Array.from({ length: setting.processes }, () => start(role, environment)))

  const servers = await many('server', fresh.environment).catch(async error => {
    await stop()
    throw error
  })
  const backends = []
  return {
    peer,
    database: fresh.database,
    servers,
    backends,
    countAccounts: fresh.count,
    /** Starts the business back ends, once. */
    async startBackends() {
      if (backends.length > 0) return
      const loginUrl = `http://127.0.0.1:${servers[0].port}`
      backends.push(
        ...(await many('backend', { ...fresh.environment, ...(peer.backendEnvironment?.(loginUrl) ?? {}) })),
      )
    },
    stop,
  }
}
