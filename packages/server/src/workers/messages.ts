import type { MetricObjectWithValues, MetricValue } from 'prom-client'

/** What a process measured, as the registry tells it. */
export type Figures = MetricObjectWithValues<MetricValue<string>>[]

/** What the primary and its workers say to each other. */
export type Message =
  /** To a worker: finish what is under way, and end. */
  | { readonly mplogin: 'close' }
  /** To a worker: what do you measure? */
  | { readonly mplogin: 'figures?'; readonly id: number }
  | { readonly mplogin: 'figures'; readonly id: number; readonly figures: Figures }
  /** To the primary: what do all workers measure? */
  | { readonly mplogin: 'metrics?'; readonly id: number }
  | { readonly mplogin: 'metrics'; readonly id: number; readonly text: string }

/** The message, if it is one of ours: other libraries use the channel too. */
export function toMessage(message: unknown): Message | undefined {
  return typeof message === 'object' && message !== null && 'mplogin' in message ? (message as Message) : undefined
}
