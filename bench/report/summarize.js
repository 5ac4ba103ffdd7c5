/** Of the rounds, those count during which others used the machine least: this share of them, and never fewer than 3. */
const countingShare = 0.6
const countingAtLeast = 3

/** The figures that are told of a work, from one round. */
const figures = {
  cpu: record => perThousand(record.cpuSeconds, record),
  rate: record => record.requests / record.seconds,
  /** How much of a processor the load itself used. */
  loadShare: record => record.loadCpuSeconds / record.seconds,
  p50: record => record.p50,
  // Of fewer requests the highest one or two would stand for them all.
  p99: record => (record.requests < 300 ? undefined : record.p99),
  p999: record => (record.requests < 3000 ? undefined : record.p999),
  databaseCpu: record => perThousand(record.databaseCpuSeconds, record),
  /** Of everybody who takes part: the server, its database, WeChat and the load. */
  wholeCpu: record => perThousand(wholeSeconds(record), record),
  wechatCalls: record => (record.wechatCalls === undefined ? undefined : record.wechatCalls / record.requests),
}

const wholeSeconds = ({ cpuSeconds, databaseCpuSeconds = 0, wechatCpuSeconds, loadCpuSeconds }) =>
  cpuSeconds + databaseCpuSeconds + wechatCpuSeconds + loadCpuSeconds

const perThousand = (seconds, { requests }) => (seconds === undefined ? undefined : (seconds / requests) * 1000)

/** The rounds that count: the quietest, by what others used meanwhile; all where that is not known. */
export function quietest(records) {
  if (records.some(({ outside }) => outside === undefined)) return records
  const count = Math.max(countingAtLeast, Math.ceil(records.length * countingShare))
  return records.toSorted((a, b) => a.outside - b.outside).slice(0, count)
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * A work of a peer, over its rounds.
 *
 * @returns each figure as `{ median, lowest, highest }`, undefined where it was not measured; `wrong` is how many answers were
 */
export function summarize(records) {
  const counting = quietest(records)
  const summary = { wrong: records.reduce((sum, record) => sum + record.failed, 0) }
  for (const [name, read] of Object.entries(figures)) {
    const values = counting.map(read)
    if (values.every(Number.isFinite)) {
      summary[name] = { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) }
    }
  }
  return summary
}

/** What others used of the machine in the rounds that count, in processors; undefined where that is not known. */
export function noiseOf(records) {
  const noises = quietest(records).map(({ outside }) => outside)
  return noises.every(Number.isFinite) ? { median: median(noises), highest: Math.max(...noises) } : undefined
}

/** How many times as much one thing costs as another; undefined when it is too little to claim a difference. */
export function claimedRatio(cost, ofWhat) {
  const ratio = cost / ofWhat
  return ratio < 1.25 && ratio > 1 / 1.25 ? undefined : ratio
}

/** The records of a work of a peer, summarized; undefined when there are none. */
export function summaryOf(records, name, work) {
  const found = records?.[name]?.filter(record => record.work === work) ?? []
  return found.length === 0 ? undefined : summarize(found)
}

/** The records of a setting, a list for each work of each peer. */
export function recordsOf({ records = {} }) {
  return Object.values(records).flatMap(list =>
    [...new Set(list.map(({ work }) => work))].map(work => list.filter(record => record.work === work)),
  )
}

/** The parts of the run that the logins were measured in: what another run measured is not compared with them. */
export function besideLogins(results) {
  const ofRun = Object.entries(results).filter(([, { runAt }]) => runAt === results.logins?.runAt)
  return Object.fromEntries(ofRun)
}
