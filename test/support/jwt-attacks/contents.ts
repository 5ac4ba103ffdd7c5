import { deflateRawSync } from 'node:zlib'
import { encode, type Part } from '../jwt-forge.js'
import { type Attack, each, nameOf, pasted, refused, wrongTypes } from './attack.js'

const headers: Attack[] = [
  refused('an extension that must be understood', world => {
    const crits = [['exp'], ['b64'], ['http://example.com/x'], ['alg'], [], ['exp', 'exp'], 'exp', null, {}, [7], ['']]
    return each(crits, crit => world.ours({ crit, exp: 1, b64: true, 'http://example.com/x': 1 }))
  }),
  refused('a payload that is not encoded', world => {
    const { claims, header } = world
    const plain = JSON.stringify(claims)
    const unencoded = (change: object) => {
      const protectedPart = encode({ ...header, ...change })
      const [, , signature] = world.oursOf({ ...header, ...change }, plain).split('.')
      return `${protectedPart}.${plain}.${signature}`
    }
    return {
      'b64 false, and critical': world.ours({ b64: false, crit: ['b64'] }),
      'b64 false, and critical, in plain text': unencoded({ b64: false, crit: ['b64'] }),
      'b64 false, in plain text': unencoded({ b64: false }),
      'b64 false, though the payload is encoded': world.ours({ b64: false }),
      'b64 false, pasted': pasted(world, { ...header, b64: false }),
    }
  }),
  refused('a compressed payload', world => ({
    'signed by us': world.oursOf({ ...world.header, zip: 'DEF' }, deflateRawSync(JSON.stringify(world.claims))),
    pasted: pasted(world, { ...world.header, zip: 'DEF' }),
  })),
  // RFC 9068, section 4: at+jwt or application/at+jwt, and nothing else.
  refused('another type', world =>
    each(
      [
        ...['JWT', 'jwt', 'application/jwt', 'id+jwt', 'logout+jwt', 'secevent+jwt', 'dpop+jwt', 'JOSE'],
        ...[
          'at+jwt ',
          ' at+jwt',
          'at+jwt;v=1',
          'at jwt',
          'text/at+jwt',
          'application/application/at+jwt',
          'at+jwt\0',
          'at',
        ],
        ...wrongTypes.filter(value => typeof value !== 'string'),
        ...['', ['at+jwt']],
      ],
      typ => world.ours({ typ }),
    ),
  ),
  refused('a header that is no object', world =>
    each<Part>(
      ['null', '[]', '"none"', '1', 'true', '', '{', '{}x', '[{"alg":"ES256"}]', '['.repeat(500), 'undefined'],
      header => world.oursOf(header, world.claims),
    ),
  ),
  refused('a header that says two things, or says it otherwise than we do', world => {
    const text = JSON.stringify(world.header)
    const within = text.slice(1, -1)
    return bent(
      text,
      {
        'alg twice, none last': `{${within},"alg":"none"}`,
        'alg twice, none first': `{"alg":"none",${within}}`,
        'kid twice': `{"kid":"other",${within}}`,
        'typ twice': `{"typ":"JWT",${within}}`,
        'alg twice, one of them escaped': `{"\\u0061lg":"none",${within}}`,
        'a prototype': `{"__proto__":{"alg":"none"},${within},"__proto__":{}}`,
      },
      header => world.oursOf(header, world.claims),
    )
  }),
]

const claims: Attack[] = [
  refused('another issuer', world =>
    each(
      [...wrongTypes, 'other', 'MPLOGIN', 'mplogin ', 'mplogin/', 'https://mplogin', ['mplogin'], ['mplogin', 'other']],
      iss => world.ours({}, { iss }),
    ),
  ),
  refused('another audience', world =>
    each(
      [...wrongTypes, 'other', 'MPLOGIN', 'mplogin ', 'mplogin other', [], ['other'], [['mplogin']], { 0: 'mplogin' }],
      aud => world.ours({}, { aud }),
    ),
  ),
  {
    title: 'a token that is over',
    code: 'TOKEN_EXPIRED',
    forge: world =>
      each([world.now - 60, world.now - 60.5, 1, 0, -1, -1e300, -0], exp => world.ours({}, { exp, iat: -900 })),
  },
  refused('an end that is no moment', world =>
    each(
      [
        ...[undefined, null, '', '9999999999', String(world.now + 900), true, {}, [], [world.now + 900], 'Infinity'],
        ...[1e13, 9e15, Number.MAX_SAFE_INTEGER, 1e300],
      ],
      exp => world.ours({}, { exp }),
    ),
  ),
  refused('an end in numbers that JSON knows and clocks do not', world =>
    each(['1e999', '1E400', '99999999999999999999999999'], exp =>
      world.oursOf(world.header, JSON.stringify(world.claims).replace(/"exp":\d+/, `"exp":${exp}`)),
    ),
  ),
  refused('a token that is not valid yet', world => ({
    ...each([world.now + 60, 9e15, 1e300], nbf => world.ours({}, { nbf })),
    ...each(['0', '', null, {}, []], nbf => world.ours({}, { nbf })),
    ...each([world.now + 60, 1e13, 1e300], iat => world.ours({}, { iat, exp: iat + 900 })),
  })),
  refused('a birth that is no moment', world =>
    each([undefined, null, '', String(world.now), true, {}, [world.now], -9e15, -1e300], iat =>
      world.ours({}, { iat }),
    ),
  ),
  refused('no account, session or app, or one of another type', world =>
    Object.assign(
      {},
      ...['sub', 'sid', 'appid'].map(claim =>
        Object.fromEntries(wrongTypes.map(value => [`${claim} ${nameOf(value)}`, world.ours({}, { [claim]: value })])),
      ),
    ),
  ),
  refused('no id', world => each([undefined], jti => world.ours({}, { jti }))),
  refused('claims that are no object', world =>
    each<Part>(
      ['null', '[]', '"x"', '1', '', '{', '{}', '{}x', '['.repeat(500), `${JSON.stringify(world.claims)},`],
      claims => world.oursOf(world.header, claims),
    ),
  ),
  refused('claims that say two things, or say it otherwise than we do', world => {
    const text = JSON.stringify(world.claims)
    const within = text.slice(1, -1)
    return bent(
      text,
      {
        'sub twice': `{"sub":"victim",${within}}`,
        'sid twice': `{${within},"sid":${JSON.stringify(world.claims.sid)}}`,
        'exp twice': `{"exp":1,${within}}`,
        'iss twice, one of them escaped': `{"\\u0069ss":"other",${within}}`,
        'a prototype': `{"__proto__":{"sub":"victim"},${within},"__proto__":{}}`,
      },
      claims => world.oursOf(world.header, claims),
    )
  }),
]

/** The same JSON in other bytes, each signed by us. */
function bent(text: string, texts: Record<string, string>, forge: (part: Part) => string): Record<string, string> {
  const bytes = Buffer.from(text)
  const bad = (at: number, ...more: number[]) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(more), bytes.subarray(at)])
  const spellings: Record<string, Part> = {
    ...texts,
    'a byte order mark': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    'UTF-16': Buffer.from(text, 'utf16le'),
    'a byte that is no UTF-8': bad(text.indexOf(':') + 2, 0xff),
    'an overlong character': bad(text.indexOf(':') + 2, 0xc0, 0xaf),
    'half a surrogate pair': bad(text.indexOf(':') + 2, 0xed, 0xa0, 0x80),
    'a cut character at the end': bad(text.length, 0xe7, 0x99),
    'a NUL after it': `${text}\0`,
    'a space before it': ` ${text}`,
    'line breaks': JSON.stringify(JSON.parse(text), null, 2),
    'a comment': `/**/${text}`,
  }
  return Object.fromEntries(Object.entries(spellings).map(([name, part]) => [name, forge(part)]))
}

/** Attacks by what header and claims say. */
export const contentAttacks: readonly Attack[] = [...headers, ...claims]
