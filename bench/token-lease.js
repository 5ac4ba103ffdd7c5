/**
 * What sharing WeChat's access token costs: `node bench/token-lease.js`. Clients as many as processes, each with its own
 * memory, share one row (DATABASE_URL, else SQLite in memory); WeChat is the emulator beside them.
 */
import { randomBytes } from 'node:crypto'
import { startEmulator } from '@mplogin/emulator'
import { createKeyring, createSharedTokens, migrate, openDatabase } from '@mplogin/server'
import { createWechat } from '@mplogin/wechat'

const app = { appid: 'wxbenchbenchbench0', secret: 'secret-of-the-bench' }
const clientCount = 8
const rounds = 30
const hotGets = 200_000

const print = text => process.stdout.write(`${text}\n`)
const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

let offsetMs = 0
const clock = () => new Date(Date.now() + offsetMs)
const emulator = await startEmulator({ apps: [app], clock })
const database = openDatabase(process.env.DATABASE_URL ?? 'sqlite::memory:')
await migrate(database)
const keyring = createKeyring(randomBytes(32))

async function measure(name, store) {
  const clients = Array.from({ length: clientCount }, () =>
    createWechat({ ...app, apiBase: emulator.url, clock, ...(store && { tokenStore: store() }) }),
  )
  const getAll = () => Promise.all(clients.map(client => client.accessToken.get()))
  await getAll()

  const hotStart = process.cpuUsage()
  for (let i = 0; i < hotGets; i++) await clients[i % clientCount].accessToken.get()
  const hot = process.cpuUsage(hotStart)

  const waits = []
  const asked = () => Object.values(emulator.stats().calls['/cgi-bin/stable_token'] ?? {}).reduce((a, b) => a + b, 0)
  const before = asked()
  for (let round = 0; round < rounds; round++) {
    offsetMs += 7201_000
    const startMs = performance.now()
    await getAll()
    waits.push(performance.now() - startMs)
  }
  const fetches = (asked() - before) / rounds
  print(
    `${name.padEnd(28)}${((hot.user + hot.system) / hotGets).toFixed(2).padStart(10)} µs` +
      `${median(waits).toFixed(1).padStart(12)} ms${fetches.toFixed(1).padStart(12)}`,
  )
  await Promise.all(clients.map(client => client.close()))
}

print(`${clientCount} clients, medians of ${rounds} expiries\n`)
print(`${''.padEnd(28)}${'a token'.padStart(13)}${'all renewed'.padStart(15)}${'asked'.padStart(12)}`)
await measure('each for itself')
await measure(`shared row (${database.kind})`, () => createSharedTokens({ database, keyring, clock }))
await database.close()
await emulator.close()
