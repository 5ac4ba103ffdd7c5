import { firstAnswer, freePort, startProcess } from './processes.js'

const rowsAtOnce = 2000
/** From here on a seed is not copied: what a round adds to it is nothing. */
const largeFrom = 100_000

/**
 * Databases with accounts in them. A seed is made once for a peer and a number of accounts: the peer makes its tables (and
 * keys) by itself, then rows are written straight into them. Rounds work on fresh copies.
 */
export function createSeeds({ open, directory, launch, say }) {
  const made = new Map()
  let serial = 0
  const nameFor = peer => `mplogin_bench_${process.pid}_${peer.name.replaceAll('-', '_')}_${++serial}`

  async function seed(peer, kind, accounts) {
    const database = await open(kind)
    const name = nameFor(peer)
    const environment = peer.environment()
    await database.create(name)
    made.set(name, database)
    await makeTables(peer, database.urlOf(name), environment)
    await fill(peer, await database.connect(name), accounts, environment, say)
    return { database, name, environment }
  }

  async function makeTables(peer, url, environment) {
    const port = await freePort()
    const env = { ...launch(environment, url, port), BENCH_MIGRATE: 'on' }
    const server = startProcess(peer.server.module, {
      ...{ args: peer.server.args, env, directory, name: peer.name, isPeer: true },
    })
    await firstAnswer(server, port, peer.requests.me())
    await server.stop()
  }

  async function drop(name) {
    await made.get(name).drop(name)
    made.delete(name)
  }

  const seeds = new Map()
  const seedOf = (peer, kind, accounts) => {
    const key = [peer.name, kind, accounts].join()
    if (!seeds.has(key)) seeds.set(key, seed(peer, kind, accounts))
    return seeds.get(key)
  }

  return {
    prepare: seedOf,
    /**
     * A database with this many accounts and nothing else. A large one is the seed itself, whatever rounds before have added
     * to it; so is a small one where the server cannot copy, and it is seeded again for the next who asks.
     */
    async fresh(peer, kind, accounts) {
      const { database, name, environment } = await seedOf(peer, kind, accounts)
      const isKept = accounts >= largeFrom
      const isCopied = database.copy !== undefined && !isKept
      const own = isCopied ? nameFor(peer) : name
      if (isCopied) {
        await database.copy(name, own)
        made.set(own, database)
      }
      await database.settle()
      return {
        database,
        environment,
        url: database.urlOf(own),
        count: async () => {
          const connection = await database.connect(own)
          return connection.count(peer.accountsTable).finally(() => connection.close())
        },
        async drop() {
          if (isKept) return
          if (!isCopied) seeds.delete([peer.name, kind, accounts].join())
          await drop(own)
        },
      }
    },
    /** Removes every database that was made; one that resists is named, and left. */
    async dropAll() {
      seeds.clear()
      for (const name of [...made.keys()]) await drop(name).catch(error => say(`${name} is left: ${error.message}`))
    },
  }
}

async function fill(peer, connection, accounts, environment, say) {
  const { tables, createRows, afterwards = [] } = await peer.seed()
  const rowsOf = createRows(environment)
  const insert = async people => {
    for (const [table, columns] of Object.entries(tables)) {
      await connection.insert(
        table,
        columns,
        people.flatMap(rows => rows[table]),
      )
    }
  }
  // Rows are made while the database writes those before.
  let writing
  for (let first = 0; first < accounts; first += rowsAtOnce) {
    const people = Array.from({ length: Math.min(rowsAtOnce, accounts - first) }, (_, index) => rowsOf(first + index))
    await writing
    writing = insert(people)
    if (accounts > 50_000) say(`seeding ${peer.title}: ${first + people.length} of ${accounts}`)
  }
  await writing
  for (const sql of afterwards) await connection.run(sql)
  await connection.finish()
  await connection.close()
}
