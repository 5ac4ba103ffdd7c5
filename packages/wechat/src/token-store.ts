/** An access token as processes share it. */
export interface SharedToken {
  readonly token: string
  readonly expiresAt: Date
}

/**
 * Where the processes of one app share its access token: a row, a key of Redis. One of them at a time holds the lease,
 * the right to ask WeChat for another token. Implementations decide by one atomic operation of their database.
 *
 * What a store throws is not fatal: the process then asks WeChat itself, as it would without a store.
 */
export interface AccessTokenStore {
  /** The token that was written last; undefined when there is none. */
  read(appid: string): Promise<SharedToken | undefined>
  /**
   * Takes the lease for `leaseMs`, after which it is free by itself: its holder died.
   *
   * @returns false while another holder has it
   */
  acquire(appid: string, lease: { holder: string; leaseMs: number }): Promise<boolean>
  /** Writes the token and gives the lease back; nothing happens when the lease is not the holder's any more. */
  write(appid: string, holder: string, token: SharedToken): Promise<void>
  /** Gives the lease back, if it is still the holder's. */
  release(appid: string, holder: string): Promise<void>
}

/** Longer than a fetch and a forced one after it, three tries each, each within the time limit of a call. */
export function leaseMsFor(timeoutMs: number): number {
  return 6 * timeoutMs + 5000
}

/** So long others wait for the holder of the lease at most; then they ask WeChat themselves, which harms nobody. */
export const waitForHolderMs = 6000

/** A store that takes longer is none. */
export const storeTimeoutMs = 5000

/** After how long those who wait for another process's fetch look again: soon, then less and less often. */
export const firstPollMs = 15
export const lastPollMs = 200
