/** The time now; injected so that tests can move it. */
export type Clock = () => Date

/** The machine's own clock. */
export const systemClock: Clock = () => new Date()

export const secondMs = 1000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
