import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabaseKind } from '../databases/index.js'
import { app } from './people.js'
import { killAll, startProcess } from './processes.js'
import { createSeeds } from './seeds.js'

/**
 * What stands around the peers: a WeChat, a load, databases, a directory for files and logs. Made once for a run.
 *
 * @param addresses of the database servers, by kind
 */
export async function createRig({ addresses, say }) {
  const directory = mkdtempSync(join(tmpdir(), 'mplogin-bench-'))
  mkdirSync(join(directory, 'data'))
  const wechat = startProcess('wechat-stub.js', { directory, name: 'wechat' })
  const load = startProcess('load.js', { directory, name: 'load' })
  const proxy = startProcess('statement-proxy.js', { directory, name: 'proxy' })
  const wechatUrl = await wechat.ask('address')

  const databases = new Map()
  function open(kind) {
    if (!databases.has(kind)) databases.set(kind, openDatabaseKind(kind, addresses[kind] ?? directory))
    return databases.get(kind)
  }

  /** The environment that a peer is started with. */
  const launch = (environment, databaseUrl, port) => ({
    ...{ PORT: String(port), DATABASE_URL: databaseUrl, WECHAT_API_BASE: wechatUrl },
    ...{ WECHAT_APPID: app.appid, WECHAT_SECRET: app.secret },
    ...environment,
  })

  const seeds = createSeeds({ open, directory, launch, say })
  let abandoned
  return {
    directory,
    wechat,
    load,
    proxy,
    open,
    launch,
    seeds,
    /** Whether something that every peer needs has ended. */
    isBroken: () => [wechat, load, proxy].some(child => child.hasEnded()),
    async close() {
      await seeds.dropAll()
      for (const database of databases.values()) await (await database).close()
      await Promise.all([wechat, load, proxy].map(child => child.stop()))
      rmSync(directory, { recursive: true, force: true })
    },
    /** Ends everything, whatever state it is in. */
    abandon() {
      abandoned ??= (async () => {
        killAll()
        await seeds.dropAll()
        // What stays open would keep this process from ending.
        await Promise.allSettled([...databases.values()].map(async database => (await database).close()))
        rmSync(directory, { recursive: true, force: true })
      })()
      return abandoned
    },
  }
}
