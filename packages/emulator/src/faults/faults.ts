import { EmulatorError } from '../emulator-error.js'
import { type Fault, replacesAnswer } from './fault.js'

/** Faults waiting for their calls, in the order they were asked for. */
export function createFaults() {
  let waiting: { fault: Fault; left: number }[] = []
  return {
    /** @throws EmulatorError BAD_REQUEST when nothing would be bent */
    add(fault: Fault): void {
      const { times = 1 } = fault
      if (!Number.isInteger(times) || times < 1)
        throw new EmulatorError('BAD_REQUEST', 'times: expected a whole number from 1')
      if (!replacesAnswer(fault) && fault.delayMs === undefined)
        throw new EmulatorError('BAD_REQUEST', 'expected one of errcode, status, delayMs, body, reset')
      waiting.push({ fault: { ...fault }, left: times })
    },
    /** The fault of this call, if there is one; taken without a pause in between, so parallel calls share no fault. */
    take(path: string): Fault | undefined {
      const entry = waiting.find(candidate => candidate.fault.path === path)
      if (!entry) return undefined
      entry.left--
      if (entry.left <= 0) waiting = waiting.filter(other => other !== entry)
      return entry.fault
    },
    clear(): void {
      waiting = []
    },
  }
}

export type Faults = ReturnType<typeof createFaults>
