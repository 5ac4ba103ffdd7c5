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
      '| returning login | article | 2.00 (2.00–2.00) | 400 | 100 | 200 | 300 | – | – | 1.00 | 2 wrong |',
    )
    expect(lines).toContain('| mplogin | 0.650 | 111 |')
  })

  it('tells how many first logins at once were answered, and how many accounts came of them', () => {
    expect(page()).toContain('| article | 2 | 41 of 600 | 30 of 30 people |')
    expect(page()).toContain('| mplogin | 2 | 600 of 600 | 30 of 30 people |')
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
