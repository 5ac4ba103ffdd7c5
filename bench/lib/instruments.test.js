import { describe, expect, it } from 'vitest'
import { createHistogram } from './histogram.js'
import { createReader } from './wire.js'

describe('the reader of HTTP messages', () => {
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n',
  ]

  it.each([1, 2, 7, 1000])('reads answers that follow each other, cut every %i bytes', size => {
    const read = []
    const take = createReader((head, body) => read.push([Number(head.slice(9, 12)), body]))
    const bytes = Buffer.from(answers.join(''))
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size))
    expect(read).toEqual([
      [200, 'hello'],
      [204, ''],
      [200, 'abc0123456789'],
    ])
  })
})

describe('the histogram', () => {
  it('knows what a share of the latencies stays below, to one percent', () => {
    const histogram = createHistogram()
    for (let ms = 1; ms <= 1000; ms++) histogram.add(ms)
    for (const [share, expected] of [
      [0.5, 500],
      [0.99, 990],
      [0.999, 999],
    ]) {
      expect(Math.abs(histogram.quantile(share) / expected - 1)).toBeLessThan(0.01)
    }
  })

  it('knows nothing without any', () => {
    expect(createHistogram().quantile(0.5)).toBeUndefined()
  })
})
