/** What must not be found where it does not belong. */
export type SecretKind =
  | 'AppSecret'
  | 'MPLOGIN_SECRET'
  | 'ADMIN_TOKEN'
  | 'push token'
  | 'EncodingAESKey'
  | 'API security key'
  | 'database password'
  | 'private signing key'
  | 'session_key'
  | 'access token of WeChat'
  | 'login code'
  | 'phone code'
  | 'encrypted phone'
  | 'access token'
  | 'refresh token'
  | 'conflict ticket'
  | 'Idempotency-Key'
  | 'openid'
  | 'unionid'
  | 'phone'

/** A secret where it should not be. */
export interface Finding {
  readonly kind: SecretKind
  readonly place: string
  /** What stands around it. */
  readonly context: string
}

/** A piece of a secret this long is not there by chance: an error that quotes a part of a body is found too. */
const pieceLength = 12

/** Remembers every secret that appears in a run, and looks for them all, in every spelling. */
export function createSecretBook() {
  const secrets = new Map<SecretKind, Set<string>>()
  const pieces = new Map<string, SecretKind>()
  const phones = new Set<string>()

  function note<Text extends string | undefined>(kind: SecretKind, text: Text): Text {
    if (text === undefined || text === '' || secrets.get(kind)?.has(text)) return text
    secrets.set(kind, (secrets.get(kind) ?? new Set()).add(text))
    for (const spelled of kind === 'phone' ? [] : spellingsOf(text)) {
      for (let at = 0; at + pieceLength <= spelled.length; at++) pieces.set(spelled.slice(at, at + pieceLength), kind)
    }
    if (kind === 'phone') for (const spelled of spellingsOfPhone(text)) phones.add(spelled)
    return text
  }

  /** Where secrets are, except those that a place may hold. */
  function search(places: Readonly<Record<string, string>>, allowed: Readonly<Record<string, SecretKind[]>> = {}) {
    const findings: Finding[] = []
    for (const [place, text] of Object.entries(places)) {
      const add = (kind: SecretKind, at: number) => {
        const isKnown = findings.some(finding => finding.place === place && finding.kind === kind)
        if (!isKnown && !allowed[place]?.includes(kind))
          findings.push({ kind, place, context: text.slice(Math.max(0, at - 100), at + 100) })
      }
      for (let at = 0; at + pieceLength <= text.length; at++) {
        const kind = pieces.get(text.slice(at, at + pieceLength))
        if (kind) add(kind, at)
      }
      for (const phone of phones) {
        const at = text.indexOf(phone)
        if (at >= 0) add('phone', at)
      }
    }
    return findings
  }

  return {
    /** Remembers a secret, and gives it back. */
    note,
    search,
    kinds: () => [...secrets.keys()].sort(),
    /** One secret of a kind, and how else it could be written. */
    example(kind: SecretKind): string[] {
      const [text = ''] = secrets.get(kind) ?? []
      return kind === 'phone' ? spellingsOfPhone(text) : spellingsOf(text)
    },
  }
}

export type SecretBook = ReturnType<typeof createSecretBook>

/** As it is, in a URL, in JSON that escapes slashes, and its bytes in hex and base64; of base64 also what it stands for. */
function spellingsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  const decoded = /^[\w+/-]{16,}={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
  const written = [
    ...[text, encodeURIComponent(text), text.replaceAll('/', '\\/'), text.replaceAll('\n', '\\n')],
    ...[bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')],
    ...(decoded ? [decoded.toString('hex'), decoded.toString('base64'), decoded.toString('base64url')] : []),
  ]
  return [...new Set(written)]
}

/** A number of mainland China as people, databases and URLs write it. */
function spellingsOfPhone(text: string): string[] {
  const [a, b, c] = [text.slice(0, 3), text.slice(3, 7), text.slice(7)]
  const bytes = Buffer.from(text)
  const written = [text, `${a} ${b} ${c}`, `${a}-${b}-${c}`, `(${a}) ${b} ${c}`, `${a}%20${b}%20${c}`, `${a}.${b}.${c}`]
  return [...written, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '')]
}
