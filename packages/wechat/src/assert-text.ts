/** @throws TypeError when `value` is not a string, or empty; the value itself is not told */
export function assertText(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${name}: expected a non-empty string`)
}
