import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toXml } from '../../../../test/support/wechat-push-side.js'
import { parseXml } from './parse-xml.js'

describe('parseXml', () => {
  it('reads texts, CDATA, numbers and what is within', () => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>
      <xml><ToUserName><![CDATA[gh_1]]></ToUserName><CreateTime>1714112440</CreateTime><Empty></Empty>
      <Text>a &lt;b&gt; &amp; &#x4e2d;</Text><Info><Count>1</Count></Info></xml>`
    expect(parseXml(xml)).toEqual({
      ToUserName: 'gh_1',
      CreateTime: '1714112440',
      Empty: '',
      Text: 'a <b> & 中',
      Info: { Count: '1' },
    })
  })

  it('makes a list of what comes again', () => {
    expect(parseXml('<xml><a>1</a><b>x</b><a>2</a><a><c>3</c></a></xml>')).toEqual({
      a: ['1', '2', { c: '3' }],
      b: 'x',
    })
  })

  it.each([
    ['an entity of its own', '<!DOCTYPE xml [<!ENTITY a "b">]><xml><c>&a;</c></xml>'],
    ['an external entity', '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><c>&a;</c></xml>'],
    ['a document type alone', '<!DOCTYPE xml><xml><c>1</c></xml>'],
    ['an entity that is not defined', '<xml><c>&nbsp;</c></xml>'],
    ['a processing instruction', '<xml><?php echo 1 ?><c>1</c></xml>'],
    ['an element that is not closed', '<xml><c>1</xml>'],
    ['a second root', '<xml><c>1</c></xml><xml><c>2</c></xml>'],
    ['text behind the root', '<xml><c>1</c></xml>x'],
    ['a root without elements', '<xml>text</xml>'],
    ['too many levels', `<xml>${'<a>'.repeat(20)}1${'</a>'.repeat(20)}</xml>`],
    ['nothing', ''],
  ])('refuses %s', (_name, xml) => {
    expect(parseXml(xml)).toBeUndefined()
  })

  it('cannot be made to change what all objects have', () => {
    const fields = parseXml('<xml><__proto__><polluted>1</polluted></__proto__><constructor>2</constructor></xml>')
    expect(Object.keys(fields ?? {})).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  it('reads a body of many small elements in a moment', () => {
    const started = performance.now()
    expect(parseXml(`<xml>${'<a/>'.repeat(60_000)}</xml>`)).toMatchObject({ a: expect.any(Array) })
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('gives back every text that WeChat could write', () => {
    const text = fc.string({ unit: 'grapheme' }).filter(value => !/[\p{Cc}\p{Cs}\u{fffe}\u{ffff}]|\]\]>/u.test(value))
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(parseXml(toXml({ A: a, B: b, C: 5 }))).toEqual({ A: a, B: b, C: '5' })
      }),
    )
  })
})
