/** What may be shown as it is. Every other field is masked, also those we have never heard of. */
const plainFields = new Set([
  'appid',
  'grant_type',
  'force_refresh',
  'errcode',
  'errmsg',
  'expires_in',
  'countryCode',
  'timestamp',
])
const plainObjects = new Set(['phone_info', 'watermark'])

/** Fields as they may be shown: of a secret its first and last characters, of an object inside a request nothing. */
export function summarize(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, show(key, value)]))
}

/** Answers hold objects of their own, which are ours and flat. */
export function summarizeAnswer(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      plainObjects.has(key) ? summarizeAnswer(value as Record<string, unknown>) : show(key, value),
    ]),
  )
}

function show(key: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return '…'
  return plainFields.has(key) ? shorten(value) : mask(String(value))
}

/** What is longer than any text of WeChat's was not meant for this field. */
function shorten(value: unknown): unknown {
  return typeof value === 'string' && value.length > 300 ? mask(value) : value
}

function mask(text: string): string {
  const shown = Math.min(4, Math.floor(text.length / 4))
  return `${text.slice(0, shown)}…${text.slice(text.length - Math.min(shown, 2))}`
}
