import { EmulatorError } from '../emulator-error.js'
import { createChance } from './chance.js'
import { checkFault, type Fault } from './fault.js'

/** A fault that waits for its calls. */
export interface WaitingFault extends Fault {
  readonly id: string
  /** Calls it will bend yet; null: without end. */
  readonly left: number | null
  /** Calls it has bent. */
  readonly taken: number
}

interface Entry {
  readonly id: string
  readonly fault: Fault
  readonly draw: () => number
  left: number
  taken: number
}

/**
 * Faults waiting for their calls, in the order they were asked for.
 *
 * @param paths of the endpoints: a fault elsewhere would wait in vain
 */
export function createFaults(paths: ReadonlySet<string>) {
  const waiting = new Map<string, Entry[]>()
  let lastId = 0

  /** @throws EmulatorError BAD_REQUEST when nothing would be bent, or there is no such endpoint */
  function add(fault: Fault): WaitingFault {
    if (!paths.has(fault.path))
      throw new EmulatorError('BAD_REQUEST', `path: ${fault.path} is none of the endpoints: ${[...paths].join(' ')}`)
    checkFault(fault)
    const { path, times, chance, seed = 1 } = fault
    const left = times ?? (chance === undefined ? 1 : Number.POSITIVE_INFINITY)
    const entry = { id: String(++lastId), fault: { ...fault }, draw: createChance(seed), left, taken: 0 }
    waiting.set(path, [...(waiting.get(path) ?? []), entry])
    return view(entry)
  }

  /** The fault of this call, if there is one; taken without a pause in between, so parallel calls share no fault. */
  function take(path: string): Fault | undefined {
    const entries = waiting.get(path)
    if (!entries) return undefined
    const hit = entries.find(({ fault, draw }) => draw() < (fault.chance ?? 1))
    if (!hit) return undefined
    hit.left--
    hit.taken++
    if (hit.left <= 0) forget(entry => entry === hit)
    return hit.fault
  }

  function forget(isMeant: (entry: Entry) => boolean): boolean {
    let found = false
    for (const [path, entries] of waiting) {
      const kept = entries.filter(entry => !isMeant(entry))
      found ||= kept.length < entries.length
      if (kept.length > 0) waiting.set(path, kept)
      else waiting.delete(path)
    }
    return found
  }

  return {
    add,
    take,
    all: (): WaitingFault[] =>
      [...waiting.values()]
        .flat()
        .sort((a, b) => Number(a.id) - Number(b.id))
        .map(view),
    /** @throws EmulatorError NOT_FOUND */
    remove(id: string): void {
      if (!forget(entry => entry.id === id)) throw new EmulatorError('NOT_FOUND', 'there is no fault with this id')
    },
    clear: () => waiting.clear(),
  }
}

export type Faults = ReturnType<typeof createFaults>

function view({ id, fault, left, taken }: Entry): WaitingFault {
  return { ...fault, id, left: Number.isFinite(left) ? left : null, taken }
}
