import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peers } from '../peers/index.js'
import { partNames } from '../plan.js'

const bench = fileURLToPath(new URL('..', import.meta.url))

/** Where results are kept: those that are told of, or those of trials. */
export const resultsDirectory = isTold => (isTold ? `${bench}results` : `${bench}results/trial`)

/** The versions that peers are measured in, by peer. */
export function peerVersions() {
  const known = JSON.parse(readFileSync(`${bench}package.json`, 'utf8')).dependencies
  const ours = JSON.parse(readFileSync(`${bench}../packages/server/package.json`, 'utf8')).version
  return Object.fromEntries(
    peers.map(({ name, packages }) => [
      name,
      packages.map(wanted => `${wanted} ${wanted === '@mplogin/server' ? ours : known[wanted]}`),
    ]),
  )
}

/** Keeps the result of a part; figures have six digits. */
export function keepResult(directory, part, result) {
  mkdirSync(directory, { recursive: true })
  const rounded = (_key, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)
  const text = JSON.stringify(result, rounded, 1)
  // One record a line: a diff of results can be read.
  writeFileSync(`${directory}/${part}.json`, `${text.replace(/\n {6,}/g, ' ').replace(/\n {5}\}/g, ' }')}\n`)
}

/** Before everything is measured again: what a run that is stopped leaves must not be mixed with an older one. */
export function forgetResults(directory) {
  for (const part of partNames) rmSync(`${directory}/${part}.json`, { force: true })
}

/** The results that are there, in the order of the plan. */
export function readResults(directory) {
  const files = existsSync(directory) ? readdirSync(directory) : []
  const found = partNames.filter(part => files.includes(`${part}.json`))
  return Object.fromEntries(found.map(part => [part, JSON.parse(readFileSync(`${directory}/${part}.json`, 'utf8'))]))
}

/** Writes a file of the docs. */
export function writeDoc(path, text) {
  const whole = `${bench}../docs/${path}`
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, text)
}
