const redacted = '[redacted]'
const maxLength = 300

// Longer than a rid (26 characters) is what could be an openid (28), a code (32, 64), a token or encrypted data. 16 bytes
// in base64 are a session key, and nine digits in a row could be a phone number.
const looksSecret = /[\w+/=-]{27,}|[A-Za-z\d+/]{22}==|\+?\d{9,}/g

/**
 * WeChat's errmsg as it may be logged: without the values that were sent, without what looks like one, on one line.
 *
 * @param text what WeChat answered
 * @param secrets the secret, code, token or openid of this request
 */
export function redactErrmsg(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) {
    if (secret === '') continue
    for (const form of [secret, new URLSearchParams([['', secret]]).toString().slice(1)])
      clean = clean.replaceAll(form, redacted)
  }
  return clean
    .replace(looksSecret, redacted)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .slice(0, maxLength)
}

/**
 * The evidence a network error leaves: its class and system code. Its text may hold an address with a secret in it.
 *
 * @param error what the transport threw, of any shape
 */
export function redactCause(error: unknown): Error & { code?: string } {
  const code = findErrorCode(error)
  const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : 'Error'
  return Object.assign(new Error(code === undefined ? name : `${name} ${code}`), code === undefined ? {} : { code })
}

/** The system's or undici's code of an error (`ECONNREFUSED`), looked for in its causes too, as `fetch` wraps them. */
export function findErrorCode(error: unknown): string | undefined {
  let current = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, cause } = current as { code?: unknown; cause?: unknown }
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code
    current = cause
  }
  return undefined
}
