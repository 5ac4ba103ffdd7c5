/** What the primary and its workers say to each other. */
export type Message =
  /** To a worker: finish what is under way, and end. */
  | { readonly mplogin: 'close' }
  /** To the primary: what do all workers measure? */
  | { readonly mplogin: 'metrics?'; readonly id: number }
  | { readonly mplogin: 'metrics'; readonly id: number; readonly text?: string; readonly error?: string }

/** The message, if it is one of ours: other libraries use the channel too. */
export function toMessage(message: unknown): Message | undefined {
  return typeof message === 'object' && message !== null && 'mplogin' in message ? (message as Message) : undefined
}
