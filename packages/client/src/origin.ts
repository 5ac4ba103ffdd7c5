const pattern = /^(https?:\/\/(?:[\w.-]+|\[[\da-f:.]+]))(?::(\d*))?(?![^/?#])/i

/**
 * Scheme, host and port of an absolute http(s) URL, in one spelling; empty for everything else: without `URL` in mini
 * programs, what could be read in two ways (user names, backslashes, spaces, escapes in the host) is nobody's.
 */
export function originOf(url: string): string {
  const match = pattern.exec(url)
  if (!match) return ''
  const host = (match[1] as string).toLowerCase()
  return `${host}:${+(match[2] || (host[4] === 's' ? 443 : 80))}`
}
