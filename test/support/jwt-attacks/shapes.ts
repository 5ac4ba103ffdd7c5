import { encode, type TokenWorld } from '../jwt-forge.js'
import { type Attack, each, every, refused } from './attack.js'

/** Attacks by how a token is spelled. */
export const shapeAttacks: readonly Attack[] = [
  refused('what is no token', () =>
    each(
      [
        ...[
          '',
          '.',
          '..',
          '...',
          'null',
          'undefined',
          'garbage',
          'a.b.c',
          'e30.e30.e30',
          'oGZUI0egBJY1zhBYw2KhdUfwVJJE',
        ],
        ...['0197f3c2-0000-7000-8000-000000000000.1.AAAA', '[object Object]', '-', '_._._', '%00', '{}'],
      ],
      token => token,
    ),
  ),
  refused('a token cut at any length', ({ genuine }) => {
    const lengths = Array.from({ length: genuine.length }, (_, length) => length)
    const sampled = lengths.filter(length => length % 17 === 0 || length > genuine.length - 30)
    return Object.fromEntries(sampled.map(length => [`after ${length}`, genuine.slice(0, length)]))
  }),
  refused('a token with something before, after or between', ({ genuine, parts: { header, payload, signature } }) => ({
    ...each(['A', 'AA', 'AAAA', '.', '=', '==', '.A', '~', '%00', ',', ';', `,${genuine}`], tail => genuine + tail),
    ...each(['A', '.', 'Bearer.', 'eyJ', '\ufeff'], head => head + genuine),
    'no header': `.${payload}.${signature}`,
    'no payload': `${header}..${signature}`,
    'no signature': `${header}.${payload}.`,
    'two parts': `${header}.${payload}`,
    'header and signature': `${header}.${signature}`,
    'four parts': `${genuine}.${signature}`,
    'payload and signature swapped': `${header}.${signature}.${payload}`,
  })),
  refused('an encrypted token, by its shape', ({ header, parts }) => {
    const jwe = (enc: object) => `${encode({ ...header, ...enc })}..${parts.header}.${parts.payload}.${parts.signature}`
    return {
      dir: jwe({ alg: 'dir', enc: 'A256GCM' }),
      'RSA-OAEP-256': jwe({ alg: 'RSA-OAEP-256', enc: 'A256GCM' }),
      'as we sign': jwe({ enc: 'A256GCM' }),
    }
  }),
  refused('the JSON serialization of a genuine token', ({ parts: { header, payload, signature } }) => ({
    flattened: JSON.stringify({ protected: header, payload, signature }),
    general: JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    encoded: encode({ payload, signatures: [{ protected: header, signature }] }),
  })),
  refused('a token of many characters', world => ({
    'in a claim': world.ours({}, { more: 'x'.repeat(4000) }),
    'in the header': world.ours({ more: 'x'.repeat(4000) }),
    'in the signature': world.genuine + 'A'.repeat(6000),
    '1 MB': world.ours({}, { more: 'x'.repeat(1_000_000) }),
    '1 MB of dots': '.'.repeat(1_000_000),
  })),
  refused(
    'base64 that is spelled otherwise',
    world => {
      const { header, payload, signature } = world.parts
      const spelled = (name: string, put: (text: string) => string) => ({
        [`${name} in the header`]: `${put(header)}.${payload}.${signature}`,
        [`${name} in the payload`]: `${header}.${put(payload)}.${signature}`,
        [`${name} in the signature`]: `${header}.${payload}.${put(signature)}`,
      })
      const middle = (insert: string) => (text: string) => text.slice(0, 8) + insert + text.slice(8)
      return {
        ...spelled('padding', text => text + '='.repeat((4 - (text.length % 4)) % 4 || 4)),
        ...spelled('a space', middle(' ')),
        ...spelled('a tab', middle('\t')),
        ...spelled('a line break', middle('\r\n')),
        ...spelled('a percent sign', middle('%3D')),
        ...spelled('a letter that is none', middle('\u00e9')),
        ...spelled('a plus sign', middle('+')),
        ...spelled('a slash', middle('/')),
        ...spelled('one letter too many', text => `${text}A`),
        ...otherAlphabet(world),
        ...trailingBits(world),
      }
    },
    every,
  ),
  refused(
    'a changed claim under a genuine signature',
    ({ parts, claims }) => ({
      'another account': `${parts.header}.${encode({ ...claims, sub: 'victim' })}.${parts.signature}`,
      'a later end': `${parts.header}.${encode({ ...claims, exp: claims.exp + 1 })}.${parts.signature}`,
    }),
    every,
  ),
]

/** The signature in the alphabet of plain base64, where it differs. */
function otherAlphabet({ ours, claims }: TokenWorld): Record<string, string> {
  for (let i = 0; ; i++) {
    const token = ours({}, { jti: `${claims.jti}${i}` })
    const [header, payload, signature = ''] = token.split('.')
    const plain = signature.replaceAll('-', '+').replaceAll('_', '/')
    if (plain !== signature) return { 'plain base64': `${header}.${payload}.${plain}` }
  }
}

/** The bits after the last byte, which no decoder looks at. */
function trailingBits({ ours, claims }: TokenWorld): Record<string, string> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const tokens: [string, string][] = []
  for (let i = 0; i < 3; i++) {
    const parts = ours({}, { jti: `${claims.jti}${'x'.repeat(i)}` }).split('.')
    for (const [at, part] of parts.entries()) {
      if (part.length % 4 === 0) continue
      const last = letters[letters.indexOf(part.at(-1) ?? '') + 1] ?? ''
      tokens.push([`trailing bits ${i}.${at}`, parts.with(at, part.slice(0, -1) + last).join('.')])
    }
  }
  return Object.fromEntries(tokens)
}
