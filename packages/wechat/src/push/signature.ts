import { createHash, timingSafeEqual } from 'node:crypto'

/** WeChat's signature of a push: SHA-1 over its parts, sorted and joined; the token among them is the secret. */
export function signPush(parts: readonly string[]): string {
  return createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex')
}

/** Whether two signatures are equal, in a time that tells nothing about where they differ. */
export function isSameSignature(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
