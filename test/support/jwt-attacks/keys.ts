import { constants, createHmac, createSign, sign } from 'node:crypto'
import { encode, seal } from '../jwt-forge.js'
import { type Attack, each, every, nameOf, pasted, refused } from './attack.js'

const algorithms: Attack[] = [
  refused('alg none, in every spelling', ({ header, claims, parts }) => {
    const spellings = ['none', 'None', 'NONE', 'nOnE', ' none', 'none\0', '', undefined, null, 0, false, ['none'], {}]
    const unsigned = (alg: unknown) => `${encode({ ...header, alg })}.${encode(claims)}.`
    return {
      ...each(spellings, unsigned),
      ...each(
        spellings.map(alg => [alg, 'signed']),
        ([alg]) => unsigned(alg) + parts.signature,
      ),
      'without a kid': `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`,
    }
  }),
  refused(
    'an HMAC under the public key, however that is written',
    world => {
      const { header, claims, publicKey, publicJwk } = world
      const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
      const point = ['x', 'y', 'n'].map(name => Buffer.from(String(publicJwk[name] ?? ''), 'base64url'))
      const secrets: [string, string | Buffer][] = [
        ['PEM', pem],
        ['PEM without its last line break', pem.trimEnd()],
        ['PEM with CRLF', pem.replaceAll('\n', '\r\n')],
        ['base64 of the PEM', pem.replace(/-.*-|\n/g, '')],
        ['DER', publicKey.export({ type: 'spki', format: 'der' })],
        ['JWK', JSON.stringify(publicJwk)],
        ['JWK of Node', JSON.stringify(publicKey.export({ format: 'jwk' }))],
        ['the raw key', Buffer.concat(point)],
        ['the raw point', Buffer.concat([Buffer.from([4]), ...point])],
        ['its first coordinate', Buffer.from(String(publicJwk.x ?? publicJwk.n), 'base64url')],
        ['its first coordinate, as text', String(publicJwk.x ?? publicJwk.n)],
        ['nothing', ''],
        ...(publicKey.asymmetricKeyType === 'rsa'
          ? ([
              ['PKCS#1 PEM', publicKey.export({ type: 'pkcs1', format: 'pem' })],
              ['PKCS#1 DER', publicKey.export({ type: 'pkcs1', format: 'der' })],
            ] as [string, string | Buffer][])
          : []),
      ]
      return Object.fromEntries(
        [256, 384, 512].flatMap(bits =>
          secrets.map(([name, secret]) => [
            `HS${bits} ${name}`,
            seal({ ...header, alg: `HS${bits}` }, claims, data =>
              createHmac(`sha${bits}`, secret).update(data).digest(),
            ),
          ]),
        ),
      )
    },
    every,
  ),
  refused(
    'an algorithm that is not the one of the key',
    world => ({
      ...each(
        [
          'ES256',
          'EdDSA',
          'Ed25519',
          'RS256',
          'ES384',
          'ES256K',
          'PS256',
          'RS1',
          'es256',
          'HS256',
          'dir',
          'A128KW',
        ].filter(alg => alg !== world.algorithm),
        alg => world.ours({ alg }),
      ),
    }),
    every,
  ),
  refused(
    'another algorithm that the RSA key is good for',
    ({ header, claims, privateKey }) => ({
      RS384: seal({ ...header, alg: 'RS384' }, claims, data => sign('sha384', data, privateKey)),
      RS512: seal({ ...header, alg: 'RS512' }, claims, data => sign('sha512', data, privateKey)),
      PS256: seal({ ...header, alg: 'PS256' }, claims, data =>
        sign('sha256', data, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
      ),
      'RS256, hashed with SHA-1': seal(header, claims, data => createSign('sha1').update(data).sign(privateKey)),
    }),
    ['RS256'],
  ),
]

const keys: Attack[] = [
  refused('a key of the attacker, under our kid', world => ({ ES256: world.theirs() })),
  refused('the kid of the other published key', world => each(world.otherKids, kid => world.ours({ kid })), every),
  refused('a kid that is a path, a query, a prototype, or no text', world => {
    const kids = [
      ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '0'],
      ...['../../../../dev/null', '/dev/null', '..\\..\\nul', 'file:///dev/null', '.', '%2e%2e%2f'],
      ...["' OR 1=1 --", "' UNION SELECT 'x", '%', '_', '*', '1; DROP TABLE signing_keys', '$(id)', '{{7*7}}'],
      ...[
        '\0',
        `${world.header.kid}\0`,
        `${world.header.kid} `,
        world.header.kid.toUpperCase(),
        '\u202e',
        '👩',
        'x'.repeat(2000),
      ],
      ...[undefined, null, '', 0, 7, -1, true, {}, [], [world.header.kid], { kid: world.header.kid }],
    ]
    return Object.fromEntries(
      kids.flatMap(kid => [
        [`${nameOf(kid)}, signed by us`, world.ours({ kid })],
        [`${nameOf(kid)}, signed by the attacker`, world.theirs({ kid })],
        [
          `${nameOf(kid)}, under an empty secret`,
          seal({ ...world.header, alg: 'HS256', kid }, world.claims, data =>
            createHmac('sha256', '').update(data).digest(),
          ),
        ],
      ]),
    )
  }),
  refused('a key that the token itself brings, or says where to find', world => {
    const { header } = world
    const { jwk, url, certificate } = world.attacker
    const [jku, x5u] = [`${url}/jwks.json`, `${url}/certificate.pem`]
    const places = {
      jwk: { jwk },
      jku: { jku },
      'jku in a list': { jku: [jku] },
      x5u: { x5u },
      x5c: { x5c: [certificate] },
      jwks: { jwks: { keys: [jwk] } },
      'a kid that is an address': { kid: jku },
      'an issuer in the header': { iss: url },
      all: { jwk, jku, x5u, x5c: [certificate] },
    }
    return Object.fromEntries(
      Object.entries(places).flatMap(([name, place]) => [
        [`${name}, our kid`, world.theirs(place)],
        [`${name}, the attacker's kid`, world.theirs({ kid: 'attacker', ...place })],
        [`${name}, no kid`, world.theirs({ kid: undefined, ...place })],
        [`${name}, pasted into a genuine token`, pasted(world, { ...header, ...place })],
      ]),
    )
  }),
]

/** Attacks on which key and which algorithm counts. */
export const keyAttacks: readonly Attack[] = [...algorithms, ...keys]
