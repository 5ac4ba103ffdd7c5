import { workTitles } from '../plan.js'
import { short, table, titleOf } from './cells.js'
import { besideLogins, claimedRatio, median, summaryOf } from './summarize.js'

/** What a login is to cost: at most so many times the floor, and so many times less than the others, at least. */
const costs = {
  returning: { floor: 1, article: 5, nest: 5, 'better-auth': 10 },
  new: { floor: 1, article: 8, nest: 5, 'better-auth': 9 },
  phone: { floor: 1, article: 6, nest: 3.6, 'better-auth': 6 },
  verify: { floor: 0.25, article: 15, nest: 10, 'better-auth': 30 },
}

/** A smaller difference of two medians, in CPU seconds per 1000 requests, is noise. */
const leastAdded = 0.005

/**
 * What this project sets out to reach, and what was measured: also where it was missed.
 *
 * @returns a section, or undefined when nothing of it was measured
 */
export function writeTargets(results) {
  const parts = [writeCosts(results), writeOthers(results)].filter(Boolean)
  return parts.length === 0 ? undefined : `## What was to be reached\n\n${parts.join('\n\n')}`
}

function writeCosts({ logins, verify }) {
  const measured = [logins, verify].filter(Boolean).map(({ settings: [first] }) => first)
  const rows = Object.entries(costs).flatMap(([work, wanted]) => {
    const records = measured.find(({ setting }) => setting.works.includes(work))?.records
    const costOf = name => summaryOf(records, name, work)?.cpu.median
    const ours = costOf('ours')
    if (ours === undefined) return []
    const cells = Object.entries(wanted).map(([name, ratio]) => costCell(name, ratio, costOf(name), ours))
    return [[workTitles[work], ...cells], ...(work === 'verify' ? verificationRows(records, wanted) : [])]
  })
  if (rows.length === 0) return undefined
  const head = Object.keys(costs.returning).map(name =>
    name === 'floor' ? 'mplogin against the floor' : `less than ${titleOf(name)}`,
  )
  return `CPU of the server process per request, in brackets what was wanted:\n\n${table(['', ...head], rows)}`
}

/** Verification by itself: what it adds to the same answer of the same back end without it. */
function verificationRows(records, wanted) {
  const addedOf = name => {
    const [all, plain] = ['verify', 'plain'].map(work => summaryOf(records, name, work)?.cpu.median)
    return all === undefined || plain === undefined ? undefined : all - plain
  }
  const ours = addedOf('ours')
  if (ours === undefined) return []
  const cells = Object.keys(wanted).map(name => {
    const theirs = addedOf(name)
    if (theirs === undefined) return '–'
    if (ours < leastAdded) return `${short(theirs)} against less than ${leastAdded}`
    return name === 'floor' ? `${(ours / theirs).toFixed(2)}×` : `${(theirs / ours).toFixed(1)}×`
  })
  return [['what verification adds to the same answer without it', ...cells]]
}

function costCell(name, wanted, theirs, ours) {
  if (theirs === undefined) return '–'
  if (name === 'floor') {
    const ratio = ours / theirs
    const isNear = claimedRatio(ratio, wanted) === undefined
    return `${ratio.toFixed(2)}× (≤ ${wanted}×)${verdict(ratio <= wanted, isNear)}`
  }
  const ratio = theirs / ours
  return `${ratio.toFixed(1)}× (≥ ${wanted}×)${verdict(ratio >= wanted, claimedRatio(ratio, wanted) === undefined)}`
}

function verdict(isReached, isNear = false) {
  if (isReached) return ''
  return isNear ? ' **missed**, by less than 1.25×' : ' **missed**'
}

function writeOthers(results) {
  const rows = [...callRows(results), ...startRows(results), ...raceRows(results), ...scaleRows(results)]
  if (rows.length === 0) return undefined
  return table(
    ['mplogin', 'measured', 'wanted'],
    rows.map(([what, found, wanted, isReached]) => [what, `${found}${verdict(isReached)}`, wanted]),
  )
}

function callRows({ logins }) {
  if (!logins) return []
  return [
    ['returning', 1],
    ['new', 1],
    ['phone', 2],
  ].flatMap(([work, wanted]) => {
    const calls = summaryOf(logins.settings[0].records, 'ours', work)?.wechatCalls?.median
    // Requests are under way at both ends of a measurement.
    if (calls === undefined) return []
    return [[`WeChat calls, ${workTitles[work]}`, calls.toFixed(2), wanted.toFixed(2), Math.abs(calls - wanted) < 0.05]]
  })
}

function startRows({ logins }) {
  const starts = logins?.settings[0].starts.ours
  if (!starts?.length) return []
  const seconds = median(starts.map(start => start.firstAnswerMs / 1000))
  const memory = median(starts.map(start => start.memoryMiB))
  return [
    ['start to first answered login', `${short(seconds)} s`, '≤ 0.7 s', seconds <= 0.7],
    ['memory after load', `${short(memory)} MiB`, '≤ 120 MiB', memory <= 120],
  ]
}

function raceRows({ race }) {
  const settings = race?.settings.filter(({ races }) => races?.ours) ?? []
  return settings.map(({ setting, races: { ours } }) => {
    const alone = setting.processes === 1 ? 'one process' : `${setting.processes} processes`
    const where = setting.workers === undefined ? alone : `${setting.workers} workers`
    const found = `${ours.succeeded} of ${ours.of} answered, ${ours.accounts} accounts of ${ours.people} people`
    const isReached = ours.succeeded === ours.of && ours.accounts === ours.people
    return [`many first logins at once, ${where}`, found, 'all answered, one account each', isReached]
  })
}

function scaleRows(results) {
  const { databases } = results
  const { logins, accounts, processes } = besideLogins(results)
  const rows = []
  const [few] = logins?.settings ?? []
  for (const work of ['returning', 'new']) {
    const [one, other] = [few, accounts?.settings[0]].map(measured => summaryOf(measured?.records, 'ours', work)?.cpu)
    if (!one || !other) continue
    const ratio = other.median / one.median
    rows.push([`${workTitles[work]}, CPU with many accounts against few`, `${ratio.toFixed(2)}×`, 'flat', ratio < 1.25])
  }
  const sqlite = databases?.settings.find(({ setting }) => setting.database === 'sqlite')
  const registered = summaryOf(sqlite?.records, 'ours', 'new')?.rate.median
  if (registered) {
    rows.push(['SQLite, synchronous=FULL, new logins', `${short(registered)}/s`, '≥ 2000/s', registered >= 2000])
  }
  const workers = processes?.settings.find(({ setting, records }) => setting.workers !== undefined && records)
  for (const work of workers?.setting.works ?? []) {
    const [one, two] = [few, workers].map(measured => summaryOf(measured?.records, 'ours', work)?.rate.median)
    if (!one || !two) continue
    rows.push([
      `${workTitles[work]}, requests/s of 2 workers`,
      `${(two / one).toFixed(2)}×`,
      '≥ 1.6×',
      two / one >= 1.6,
    ])
  }
  return rows
}
