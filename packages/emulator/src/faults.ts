/** A misbehaviour of one endpoint, for so many of its next calls. */
export interface Fault {
  /** The endpoint, such as /sns/jscode2session. */
  readonly path: string
  /** Default 1. */
  readonly times?: number
  /** Answer this errcode with WeChat's text of it. */
  readonly errcode?: number
  /** Answer this HTTP status with a page instead of JSON. */
  readonly status?: number
  /** Answer later; alone, the right answer comes late. */
  readonly delayMs?: number
  /** Answer this text. */
  readonly body?: string
  /** Cut the connection. */
  readonly reset?: boolean
}

/** Faults waiting for their calls, in the order they were asked for. */
export function createFaults() {
  let waiting: { fault: Fault; left: number }[] = []
  return {
    add(fault: Fault): void {
      waiting.push({ fault: { ...fault }, left: fault.times ?? 1 })
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
