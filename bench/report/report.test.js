import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { claimedRatio, quietest, summarize } from './summarize.js'
import { writeChart } from './write-chart.js'
import { writePage } from './write-page.js'

const logins = JSON.parse(readFileSync(new URL('./sample.json', import.meta.url), 'utf8'))
const [{ setting, records }] = logins.settings
const race = {
  ...logins,
  settings: [
    {
      setting: { ...setting, processes: 2, race: { people: 30, simultaneous: 20 }, peers: ['article', 'ours'] },
      races: {
        article: { people: 30, of: 600, succeeded: 41, accounts: 30 },
        ours: { people: 30, of: 600, succeeded: 600, accounts: 30 },
      },
    },
  ],
}
const page = () => writePage({ logins, race }, { chart: 'images/chart.svg' })

describe('summarize', () => {
  it('counts the rounds in which others used the machine least', () => {
    expect(quietest(records.floor).map(record => record.round)).toEqual([3, 0, 2])
    expect(summarize(records.floor).cpu).toEqual({ median: 0.31, lowest: 0.3, highest: 0.32 })
  })

  it('counts all rounds where the noise is not known', () => {
    const unknown = records.floor.map(({ outside, ...record }) => record)
    expect(quietest(unknown)).toHaveLength(4)
    expect(summarize(unknown).cpu?.highest).toBe(0.9)
  })

  it('claims no difference under 1.25×, in either direction', () => {
    expect([1, 1.24, 1 / 1.24].map(cost => claimedRatio(cost, 1))).toEqual([undefined, undefined, undefined])
    expect([2, 0.5].map(cost => claimedRatio(cost, 1))).toEqual([2, 0.5])
  })
})

describe('the page', () => {
  it('tells of each peer against mplogin, with the spread, and of what a peer lacks', () => {
    expect(page()).toContain(
      '| returning login | 0.310 (0.300–0.320) · ≈ | 2.00 (2.00–2.00) · 7.1× | 0.280 (0.280–0.280) |',
    )
    expect(page()).toContain('| refresh | (no sessions) | (no such thing) | 0.200 (0.200–0.200) |')
  })

  it('tells all figures of a setting, what was not measured, and wrong answers', () => {
    const lines = page().split('\n')
    expect(lines).toContain(
      '| returning login | floor | 0.310 (0.300–0.320) | 2000 | 11.0 | 21.0 | 31.0 | 0.100 | 1.00 | 1.00 |  |',
    )
    expect(lines).toContain(
      '| returning login | article | 2.00 (2.00–2.00) | 400 | 100 | 200 | – | – | – | 1.00 | 2 wrong |',
    )
    expect(lines).toContain('| mplogin | 0.650 | 111 |')
  })

  it('compares what one run measured, and says which parts are of another', () => {
    const at = runAt => ({ ...logins, runAt })
    const of = accountsAt =>
      writePage({ logins: at('2026-01-02T03:04:05Z'), accounts: at(accountsAt) }, { chart: 'images/chart.svg' })
    expect(of('2026-01-02T03:04:05Z')).toContain('## Few accounts and many')
    expect(of('2026-01-02T03:04:05Z')).not.toContain('Of several runs')
    const mixed = of('2026-01-01T00:00:00Z')
    expect(mixed).not.toContain('## Few accounts and many')
    expect(mixed).not.toContain('with many accounts against few')
    expect(mixed).toContain('Of several runs: logins 2026-01-02 03:04 UTC · accounts 2026-01-01 00:00 UTC.')
  })

  it('tells how many first logins at once were answered, and how many accounts came of them', () => {
    expect(page()).toContain('| article | 2 | 41 of 600 | 30 of 30 people |')
    expect(page()).toContain('| mplogin | 2 | 600 of 600 | 30 of 30 people |')
  })

  it('tells what was wanted and what was missed', () => {
    const lines = page().split('\n')
    expect(lines).toContain('| returning login | 0.90× (≤ 1×) | 7.1× (≥ 5×) | – | – |')
    expect(lines).toContain('| start to first answered login | 0.650 s | ≤ 0.7 s |')
    const slow = { ...logins.settings[0], records: { ...records, ours: records.article } }
    const missed = writePage({ logins: { ...logins, settings: [slow] } }, { chart: 'images/chart.svg' })
    expect(missed).toContain('| returning login | 6.45× (≤ 1×) **missed** | 1.0× (≥ 5×) **missed** | – | – |')
  })

  it('tells which rounds were lost', () => {
    const lost = [{ name: 'article', what: 'round 2' }]
    const text = writePage({ logins: { ...logins, settings: [{ ...logins.settings[0], lost }] } }, { chart: '' })
    expect(text).toContain('Not measured: article, round 2.')
  })

  it('tells how quiet the machine was, and which parts were not measured', () => {
    expect(page()).toContain('everything that is not the bench used 0.100 processors')
    expect(page()).toContain('Not measured in this run: verify, accounts, databases, processes, latency.')
    expect(page()).not.toContain('A short run')
    const short = { ...logins, options: { ...logins.options, isShort: true } }
    expect(writePage({ logins: short }, { chart: 'images/chart.svg' })).toContain('A short run (`--short`)')
  })

  it('tells what a second process changes, and whether workers were available', () => {
    const twice = list => list.map(record => ({ ...record, requests: record.requests * 2 }))
    const workers = { setting: { ...setting, workers: 2, peers: ['ours'], works: ['returning'] } }
    const processes = {
      ...logins,
      settings: [
        { setting: { ...setting, processes: 2, works: ['returning'] }, records: { floor: twice(records.floor) } },
        { ...workers, isAvailable: false },
      ],
    }
    const text = writePage({ logins, processes }, { chart: 'images/chart.svg' })
    expect(text).toContain('| returning login | floor | 2 processes | 2000 → 4000 · 2.0× |')
    expect(text).toContain('`mplogin serve --workers 2` was not available')
  })

  it('names the machine by what it is', () => {
    expect(page()).toContain('Measured on Example CPU, 2 cores, 8 GiB,\nNode 20.12.0, PostgreSQL 15.20')
  })
})

describe('the chart', () => {
  it('has a bar for each peer, as long as its figure', () => {
    const widths = [...writeChart({ logins }).matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map(match =>
      Number(match[1]),
    )
    expect(widths).toHaveLength(3)
    const [floor, article, ours] = widths
    expect(floor / article).toBeCloseTo(0.31 / 2, 2)
    expect(ours / article).toBeCloseTo(0.28 / 2, 2)
  })
})
