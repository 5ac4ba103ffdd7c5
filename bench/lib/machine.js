import { readdirSync, readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

// USER_HZ, which is 100 on every Linux that Node runs on.
const ticksPerSecond = 100

/** The machine in words that name nobody: processor, cores, memory, Node. */
export function describeMachine() {
  const [{ model }] = cpus()
  return {
    cpu: model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: process.platform,
  }
}

/** Seconds that all processors were busy, whoever with; undefined where /proc does not tell. */
export function busySeconds() {
  const line = read('/proc/stat')?.split('\n', 1)[0]
  if (line === undefined) return undefined
  const [user, nice, system, , , irq, softirq, steal] = line.trim().split(/\s+/).slice(1).map(Number)
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond
}

/**
 * Seconds of CPU that processes have used. What has ended, as a database's backend does, is counted with the process
 * that reaped it, when that is named.
 */
export function cpuSecondsOf(pids, { reaped = [] } = {}) {
  const ticks = pids.map(pid => {
    const [user, system, childUser, childSystem] = statOf(pid)?.slice(11, 15).map(Number) ?? [0, 0, 0, 0]
    return user + system + (reaped.includes(pid) ? childUser + childSystem : 0)
  })
  return ticks.reduce((sum, value) => sum + value, 0) / ticksPerSecond
}

/** The parent of a process, if both are called so. */
export function parentOf(pid, name) {
  const parent = Number(statOf(pid)?.[1])
  return nameOf(pid) === name && nameOf(parent) === name ? parent : undefined
}

/** The processes that a process started, and those that they started. */
export function descendantsOf(pid) {
  return childrenOf(pid).flatMap(child => [child, ...descendantsOf(child)])
}

/** The memory that is resident of a process, in bytes; 0 where /proc does not tell. */
export function residentBytes(pid) {
  const [, kibibytes = 0] = /^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '') ?? []
  return Number(kibibytes) * 1024
}

export const childrenOf = parent => allPids().filter(pid => Number(statOf(pid)?.[1]) === parent)

export const pidsCalled = (...names) => allPids().filter(pid => names.includes(nameOf(pid)))

const allPids = () =>
  list('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .map(Number)
const nameOf = pid => read(`/proc/${pid}/comm`)?.trim()

/** The fields of /proc/PID/stat after the name, which may hold anything. */
function statOf(pid) {
  const text = read(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function list(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
