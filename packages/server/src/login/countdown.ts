/** A time limit that runs from now on: gives the milliseconds that are left of it, for each call that shares it. */
export function startCountdown(limitMs: number): () => number {
  const endsAtMs = performance.now() + limitMs
  return () => endsAtMs - performance.now()
}
