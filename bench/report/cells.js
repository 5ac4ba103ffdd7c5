import { peers } from '../peers/index.js'
import { claimedRatio } from './summarize.js'

/** What a peer is called on the page. */
export const titleOf = name => peers.find(peer => peer.name === name).title

/** A number with three digits that count. */
export function short(number) {
  if (number === undefined) return '–'
  if (number === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(number))))
  return number.toFixed(Math.min(3, digits))
}

/** A figure with its spread. */
export function withSpread(figure) {
  return figure === undefined ? '–' : `${short(figure.median)} (${short(figure.lowest)}–${short(figure.highest)})`
}

/** A ratio as it may be claimed. */
export function ratioText(cost, ofWhat) {
  const ratio = claimedRatio(cost, ofWhat)
  return ratio === undefined ? '≈' : `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}×`
}

const line = cells => `| ${cells.join(' | ')} |`

/** A Markdown table. */
export function table(head, rows) {
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}
