import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { originOf } from './origin.js'

describe('the origin of a URL', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com:443'],
    ['https://api.example.com:/x', 'https://api.example.com:443'],
    ['HTTP://API.example.com:0080/x?y#z', 'http://api.example.com:80'],
    ['https://[::1]:8443', 'https://[::1]:8443'],
    ['https://a_b.example.com:443?x', 'https://a_b.example.com:443'],
  ])('of %s is %s', (url, origin) => {
    expect(originOf(url)).toBe(origin)
  })

  const part = fc.oneof(
    fc.constantFrom(
      'https://',
      'http://',
      'HTTPS://',
      '//',
      '/',
      '\\',
      '@',
      ':',
      '#',
      '?',
      '.',
      '%',
      ' ',
      '\t',
      '\n',
      '[',
      ']',
    ),
    fc.constantFrom(
      'api.example.com',
      'evil.com',
      'API.example.com',
      ':443',
      ':80',
      ':8443',
      'user',
      '。',
      '％',
      '\u212a',
      '\u00ad',
      'xn--',
    ),
    fc.string({ maxLength: 3 }),
  )
  const url = fc.array(part, { maxLength: 8 }).map(parts => parts.join(''))

  it('is ours only where a browser would go to our host too', () => {
    const ours = 'https://api.example.com'
    fc.assert(
      fc.property(
        fc.oneof(
          url,
          url.map(rest => ours + rest),
        ),
        text => {
          if (originOf(text) === originOf(ours) && URL.canParse(text)) expect(new URL(text).origin).toBe(ours)
        },
      ),
      { numRuns: 20_000 },
    )
  })
})
