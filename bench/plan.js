/** What each kind of work is called in the tables. */
export const workTitles = {
  returning: 'returning login',
  new: 'new login',
  phone: 'phone login',
  refresh: 'refresh',
  me: '`/me`',
  verify: 'token verification',
  verifyOnce: 'verification, each token once',
  plain: 'the same without verification',
}

const everybody = ['floor', 'article', 'nest', 'better-auth', 'ours']
const logins = ['returning', 'new', 'phone']

/**
 * The parts of the bench, each a list of settings that are measured: first what matters most, so that a run that is stopped
 * has it. A part changes one thing against the first.
 *
 * @param few how many accounts there are in most settings
 * @param many how many there are in the part that asks whether it matters
 * @param isShort for a machine that is quiet for less than an hour: after the race, the floor and mplogin alone, at fewer works
 */
export function createPlan({ few, many, isShort }) {
  const usual = {
    ...{ database: 'postgres', accounts: few, latencyMs: 0, processes: 1 },
    ...{ peers: everybody, works: [...logins, 'refresh', 'me'] },
  }
  const later = { ...usual, peers: isShort ? ['floor', 'ours'] : everybody }
  const simple = isShort ? ['returning', 'new'] : logins
  const race = { people: 30, simultaneous: 20 }
  return {
    logins: [{ ...usual, countsStatements: true }],
    verify: [{ ...usual, works: ['verify', 'verifyOnce', 'plain'] }],
    race: [
      { ...usual, race },
      { ...usual, processes: 2, race },
      { ...usual, workers: 2, race, peers: ['ours'] },
    ],
    accounts: [{ ...later, accounts: many, works: isShort ? simple : [...logins, 'me'] }],
    databases: [
      ...['mysql', 'sqlite'].map(database => ({
        ...{ ...usual, database, peers: ['floor', 'ours'], countsStatements: !isShort },
        works: isShort ? simple : usual.works,
      })),
      ...(isShort ? [] : ['mysql', 'sqlite']).map(database => ({
        ...{ ...usual, database, peers: ['ours'], accounts: many, works: logins },
      })),
    ],
    processes: [
      ...(isShort ? [] : [{ ...later, processes: 2, works: ['returning', 'new', 'me'] }]),
      { ...later, processes: 2, works: ['verify'] },
      { ...usual, workers: 2, works: ['returning', 'new', 'me'], peers: ['ours'] },
    ],
    latency: [{ ...later, latencyMs: 30, works: logins }],
  }
}

export const partNames = Object.keys(createPlan({ few: 0, many: 0, isShort: false }))
