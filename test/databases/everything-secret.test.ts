import { errorCodes, routes } from '@mplogin/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dump } from '../support/dump.js'
import { commands, settings } from '../support/everything/commands.js'
import { honestPeople } from '../support/everything/honest.js'
import { malformedRequests } from '../support/everything/malformed.js'
import { outages } from '../support/everything/outages.js'
import { faultsOfWechat, refusals, strictRefusals } from '../support/everything/refused.js'
import { openStage, type Stage } from '../support/everything/stage.js'
import type { SecretKind } from '../support/secret-book.js'

let stage: Stage
/** Everything that anybody but the owner of a secret can come to read. */
let places: Record<string, string>
/** Where identities are stored, and must be. */
const allowed: Record<string, SecretKind[]> = {
  'the table identities': ['openid', 'unionid'],
  'the file of the database': ['openid', 'unionid'],
}

beforeAll(async () => {
  stage = await openStage()
  const server = await stage.serve()
  const printed = settings(stage)
  const strict = strictRefusals(stage)
  await honestPeople(stage, server)
  await refusals(stage, server)
  await malformedRequests(stage, server)
  const { expired } = await strict
  await faultsOfWechat(stage, server)
  await Promise.all([expired, printed])
  await outages(stage, server)
  await commands(stage, server)
  const metrics = String((await server.api.get('/metrics')).body)
  places = {
    'the log': stage.logs(),
    'what commands print': stage.printed(),
    'the answers': stage.answers(),
    'the metrics': metrics,
    "the emulator's list of calls": JSON.stringify(stage.fleet.emulator.calls()),
    ...(await tablesOf(stage)),
  }
}, 240_000)
afterAll(() => stage.close())

/** The rows of every table, of each its own text; of SQLite also the bytes of the file. */
async function tablesOf({ fleet }: Stage): Promise<Record<string, string>> {
  const { database, testDatabase } = fleet
  const tables = await database.db.introspection.getTables({ withInternalKyselyTables: true })
  const texts: [string, string][] = []
  for (const { name } of tables) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.db)
    texts.push([`the table ${name}`, JSON.stringify(rows)])
  }
  if (testDatabase.kind === 'sqlite') texts.push(['the file of the database', await dump(database, testDatabase)])
  return Object.fromEntries(texts)
}

const kinds: SecretKind[] = [
  ...(['AppSecret', 'MPLOGIN_SECRET', 'ADMIN_TOKEN', 'push token', 'EncodingAESKey', 'API security key'] as const),
  ...(['database password', 'private signing key', 'session_key', 'access token of WeChat'] as const),
  ...(['login code', 'phone code', 'encrypted phone', 'access token', 'refresh token', 'conflict ticket'] as const),
  ...(['Idempotency-Key', 'openid', 'unionid', 'phone'] as const),
]

describe('a run through every route, every failure and every command', { timeout: 60_000 }, () => {
  it('went through all of them, and met secrets of every kind', () => {
    const log = places['the log'] ?? ''
    for (const { method, path } of Object.values(routes))
      expect(log).toContain(`"method":"${method}","route":"${path}"`)
    expect([...stage.codes].sort()).toEqual(['OK', ...errorCodes].sort())
    expect(stage.book.kinds()).toEqual([...kinds].sort())
    // What WeChat answered is told with its rid, so that an operator can look it up.
    expect(log).toMatch(/rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}/)
    for (const [place, text] of Object.entries(places)) expect([place, text.length]).not.toEqual([place, 0])
  })

  it('left no secret, nor a piece of one, in a log, an answer, a metric, an error, or a table that must not hold it', () => {
    expect(stage.book.search(places, allowed)).toEqual([])
  })

  it('would have found each kind in each place, in whatever spelling', () => {
    const planted = Object.fromEntries(
      Object.entries(places).map(([place, text]) => {
        const [half, rest] = [text.slice(0, text.length / 2), text.slice(text.length / 2)]
        return [place, half + kinds.map(kind => `"${stage.book.example(kind)[0]}"`).join() + rest]
      }),
    )
    const found = stage.book.search(planted, allowed).map(({ kind, place }) => `${kind} in ${place}`)
    const expected = Object.keys(places).flatMap(place =>
      kinds.filter(kind => !allowed[place]?.includes(kind)).map(kind => `${kind} in ${place}`),
    )
    expect(found.sort()).toEqual(expected.sort())

    for (const kind of kinds) {
      for (const spelled of stage.book.example(kind)) {
        expect(stage.book.search({ log: `…${spelled}…` })).toEqual([expect.objectContaining({ kind })])
        // A piece of it tells too much, as where an error quotes a part of a body; of a phone the rest is masked.
        if (kind !== 'phone') expect(stage.book.search({ log: spelled.slice(3, 18) })).toHaveLength(1)
      }
    }
    expect(stage.book.search({ log: places['the table audit']?.slice(0, 1000) ?? '' })).toEqual([])
  })
})
