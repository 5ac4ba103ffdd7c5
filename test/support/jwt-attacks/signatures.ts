import { type Attack, each, every, refused } from './attack.js'

/** Attacks by what is put in the place of a signature. */
export const signatureAttacks: readonly Attack[] = [
  refused(
    'a signature of nothing',
    ({ signature, parts: { header, payload } }) =>
      Object.fromEntries(
        [0, 1, 255].flatMap(byte =>
          [signature.length, 0, 1, signature.length - 1, signature.length + 1, 2 * signature.length].map(length => [
            `${length} bytes of ${byte}`,
            `${header}.${payload}.${Buffer.alloc(length, byte).toString('base64url')}`,
          ]),
        ),
      ),
    every,
  ),
  refused(
    'one bit that is turned, anywhere in the signature',
    ({ signature, parts: { header, payload } }) =>
      each([0, 7, 31, 32, 63, signature.length - 1], at => {
        const turned = Buffer.from(signature)
        turned[at] = (turned[at] ?? 0) ^ 1
        return `${header}.${payload}.${turned.toString('base64url')}`
      }),
    every,
  ),
  refused('an ECDSA signature of numbers that are out of range', ({ signature, parts: { header, payload } }) => {
    const [r, s] = [toNumber(signature.subarray(0, 32)), toNumber(signature.subarray(32))]
    const max = 2n ** 256n - 1n
    const numbers: [string, bigint, bigint][] = [
      ...[0n, 1n, order - 1n, order, order + 1n, max, prime].flatMap((number): [string, bigint, bigint][] => [
        [`r ${number.toString(16)}`, number, s],
        [`s ${number.toString(16)}`, r, number],
        [`both ${number.toString(16)}`, number, number],
      ]),
      ['r and s swapped', s, r],
      ['r above by the order', (r + order) & max, s],
      ['s above by the order', r, (s + order) & max],
      ['r negated', order - r, s],
    ]
    const put = (name: string, r: bigint, s: bigint, bytes = 32) => [
      name,
      `${header}.${payload}.${Buffer.concat([toBytes(r, bytes), toBytes(s, bytes)]).toString('base64url')}`,
    ]
    return Object.fromEntries([
      ...numbers.map(([name, r, s]) => put(name, r, s)),
      put('r above by the order, in 33 bytes', r + order, s, 33),
      put('s above by the order, in 33 bytes', r, s + order, 33),
      put('in 33 bytes each', r, s, 33),
      put('in 66 bytes each, as of ES512', r, s, 66),
    ])
  }),
  refused('an ECDSA signature in DER', ({ signature, parts: { header, payload } }) => {
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)]
    const zero = Buffer.from([0])
    return {
      'the genuine one': `${header}.${payload}.${toDer(r, s).toString('base64url')}`,
      zeros: `${header}.${payload}.${toDer(zero, zero).toString('base64url')}`,
    }
  }),
  refused(
    'an EdDSA signature of numbers that are out of range',
    ({ signature, parts: { header, payload } }) => {
      const [r, s] = [signature.subarray(0, 32), toNumber(Buffer.from(signature.subarray(32)).reverse())]
      const little = (number: bigint) => toBytes(number, 32).reverse()
      const identity = little(1n)
      const put = (r: Buffer, s: bigint) =>
        `${header}.${payload}.${Buffer.concat([r, little(s)]).toString('base64url')}`
      return {
        'S above by the order': put(r, s + edwardsOrder),
        'S above by the order, four times': put(r, s + 4n * edwardsOrder),
        'S of the order': put(r, edwardsOrder),
        'S of all ones': put(r, 2n ** 256n - 1n),
        'the identity and zero': put(identity, 0n),
        'the identity and the order': put(identity, edwardsOrder),
      }
    },
    ['EdDSA'],
  ),
  refused(
    'an RSA signature of numbers that are out of range',
    ({ signature, publicJwk, parts: { header, payload } }) => {
      const modulus = toNumber(Buffer.from(String(publicJwk.n), 'base64url'))
      const put = (number: bigint, bytes = signature.length) =>
        `${header}.${payload}.${toBytes(number, bytes).toString('base64url')}`
      const genuine = toNumber(signature)
      return {
        ...each(['0', '1'], number => put(BigInt(number))),
        'the modulus': put(modulus),
        'one less than the modulus': put(modulus - 1n),
        negated: put(modulus - genuine),
        'above by the modulus': put(genuine + modulus, signature.length + 1),
        'with a zero before it': put(genuine, signature.length + 1),
        'of all ones': put(2n ** BigInt(8 * signature.length) - 1n),
      }
    },
    ['RS256'],
  ),
]

/** Of P-256: https://csrc.nist.gov/pubs/sp/800/186/final */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
/** Of Ed25519: https://www.rfc-editor.org/rfc/rfc8032#section-5.1 */
const edwardsOrder = 2n ** 252n + 27742317777372353535851937790883648493n

const toNumber = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`)
const toBytes = (number: bigint, length: number) => Buffer.from(number.toString(16).padStart(2 * length, '0'), 'hex')

function toDer(...numbers: Buffer[]): Buffer {
  const body = Buffer.concat(
    numbers.map(number => {
      const positive = (number[0] ?? 0) < 0x80 ? number : Buffer.concat([Buffer.from([0]), number])
      return Buffer.concat([Buffer.from([2, positive.length]), positive])
    }),
  )
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}

/**
 * The other signature that ECDSA knows for the same text and key, `(r, n - s)`: whoever has one can make it. It says
 * nothing else, so it is no forgery, and nothing of ours takes a signature for a name of its token.
 */
export function mirrored(signature: Buffer): Buffer {
  return Buffer.concat([signature.subarray(0, 32), toBytes(order - toNumber(signature.subarray(32)), 32)])
}
