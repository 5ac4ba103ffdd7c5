import { type DatabaseKind, whyMissing } from './databases.js'

/**
 * Before all tests: a database server that does not answer fails the run in CI; elsewhere its tests are left out, and
 * that is said loudly.
 */
export async function findDatabases(): Promise<DatabaseKind[]> {
  const found: DatabaseKind[] = ['sqlite']
  for (const kind of ['postgres', 'mysql'] as const) {
    const why = await whyMissing(kind)
    if (why === undefined) found.push(kind)
    else if (process.env.CI) throw new Error(`the tests need ${kind}, which does not answer at ${why}`)
    else process.stderr.write(`\n  !! SKIPPED: all tests on ${kind}, which does not answer at ${why}\n\n`)
  }
  return found
}
