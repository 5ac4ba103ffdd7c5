/** What each kind of work is called in the tables. */
export const workTitles = {
  returning: 'returning login',
  new: 'new login',
  phone: 'phone login',
  refresh: 'refresh',
  me: '`/me`',
  verify: 'token verification',
}

const everybody = ['floor', 'article', 'nest', 'better-auth', 'ours']
const logins = ['returning', 'new', 'phone']

/**
 * The parts of the bench, each a list of settings that are measured. A part changes one thing against the first.
 *
 * @param accounts how many are few, and how many are many
 */
export function createPlan({ few, many }) {
  const usual = {
    ...{ database: 'postgres', accounts: few, latencyMs: 0, processes: 1 },
    ...{ peers: everybody, works: [...logins, 'refresh', 'me'] },
  }
  return {
    logins: [usual],
    verify: [{ ...usual, works: ['verify'] }],
    latency: [{ ...usual, latencyMs: 30, works: logins }],
    accounts: [{ ...usual, accounts: many, works: [...logins, 'me'] }],
    processes: [
      { ...usual, processes: 2, works: ['returning', 'new'] },
      { ...usual, processes: 2, works: ['verify'] },
    ],
    databases: ['mysql', 'sqlite'].flatMap(database => [
      { ...usual, database, peers: ['floor', 'ours'] },
      { ...usual, database, peers: ['ours'], accounts: many, works: logins },
    ]),
    race: [
      { ...usual, race: { people: 30, simultaneous: 20 } },
      { ...usual, processes: 2, race: { people: 30, simultaneous: 20 } },
    ],
  }
}

export const partNames = Object.keys(createPlan({ few: 0, many: 0 }))
