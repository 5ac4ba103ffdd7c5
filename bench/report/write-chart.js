import { peers } from '../peers/index.js'
import { workTitles } from '../plan.js'
import { short } from './cells.js'
import { summarize } from './summarize.js'

const colors = { floor: '#9aa0a6', article: '#e8a33d', nest: '#d1495b', 'better-auth': '#7b6cd9', ours: '#07a35a' }
const width = 860
const left = 296
const right = 70
const barHeight = 15
const gap = 4
const groupGap = 22
const top = 44

/**
 * The chart: CPU of the server process per 1000 requests, a group of bars for each work.
 *
 * @returns an SVG image as text
 */
export function writeChart(results) {
  const groups = [results.logins, results.verify]
    .filter(Boolean)
    .flatMap(({ settings: [measured] }) => measured.setting.works.map(work => groupOf(measured, work)))
    .filter(({ bars }) => bars.length > 1)
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(bar => bar.value)))
  const scale = value => (value / most) * (width - left - right)
  const parts = []
  let y = top
  for (const { title, bars } of groups) {
    const middle = y + (bars.length * (barHeight + gap) - gap) / 2 + 5
    parts.push(text(left - 92, middle, title, 'end'))
    for (const { name, value } of bars) {
      const peer = peers.find(candidate => candidate.name === name)
      parts.push(text(left - 8, y + 12, peer.title, 'end', 'small'))
      parts.push(
        `<rect x="${left}" y="${y}" width="${Math.max(1, scale(value)).toFixed(1)}" height="${barHeight}" rx="2" fill="${colors[name]}"/>`,
      )
      parts.push(text(left + scale(value) + 6, y + 12, short(value), 'start', name === 'ours' ? 'value ours' : 'value'))
      y += barHeight + gap
    }
    y += groupGap
  }
  const height = y - groupGap + 16
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="CPU seconds per 1000 requests">
<style>text{font:13px system-ui,sans-serif;fill:#24292f}.small,.value{font-size:11px;fill:#57606a}.ours{font-weight:600;fill:#24292f}.title{font-weight:600}</style>
<rect width="${width}" height="${height}" fill="#fff"/>
${text(16, 24, 'CPU seconds of the server process per 1000 requests (less is better)', 'start', 'title')}
${parts.join('\n')}
</svg>
`
}

function groupOf({ setting, records }, work) {
  const bars = setting.peers.flatMap(name => {
    const found = records[name]?.filter(record => record.work === work) ?? []
    return found.length === 0 ? [] : [{ name, value: summarize(found).cpu.median }]
  })
  return { title: workTitles[work].replaceAll('`', ''), bars }
}

function text(x, y, content, anchor, style = '') {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${style && ` class="${style}"`}>${escaped}</text>`
}
