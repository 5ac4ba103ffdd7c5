import { describe, expect, it } from 'vitest'
import { parseOptions, type WechatOptions } from './options.js'

const valid: WechatOptions = { appid: 'wx1', secret: 's3cret' }

describe('parseOptions', () => {
  it('completes the defaults', () => {
    expect(parseOptions(valid)).toMatchObject({
      origin: 'https://api.weixin.qq.com',
      prefix: '',
      tokenMode: 'stable',
      checkPhoneOwner: true,
      timeoutMs: 3000,
    })
  })

  it('leaves the caller’s object as it was, and cannot be changed through it', () => {
    const options = { ...valid }
    const settings = parseOptions(options)
    options.secret = 'another'
    expect(settings.secret).toBe('s3cret')
    expect(Object.isFrozen(settings)).toBe(true)
    expect(Object.isFrozen(options)).toBe(false)
  })

  it('takes a path prefix, with or without a slash at its end', () => {
    const expected = { origin: 'http://127.0.0.1:8080', prefix: '/wechat/api' }
    expect(parseOptions({ ...valid, apiBase: 'http://127.0.0.1:8080/wechat/api' })).toMatchObject(expected)
    expect(parseOptions({ ...valid, apiBase: 'http://127.0.0.1:8080/wechat/api/' })).toMatchObject(expected)
  })

  it.each([
    ['appid', { appid: '' }],
    ['appid', { appid: undefined }],
    ['secret', { secret: '' }],
    ['secret', { secret: 's3cret with a space' }],
    ['secret', { secret: 5 }],
    ['apiBase', { apiBase: 'api.weixin.qq.com' }],
    ['apiBase', { apiBase: 'ftp://api.weixin.qq.com' }],
    ['apiBase', { apiBase: 'https://user:s3cret@api.weixin.qq.com' }],
    ['apiBase', { apiBase: 'https://api.weixin.qq.com/?a=1' }],
    ['tokenMode', { tokenMode: 'fast' }],
    ['checkPhoneOwner', { checkPhoneOwner: 'yes' }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: 1.5 }],
    ['timeoutMs', { timeoutMs: 60_001 }],
    ['fetch', { fetch: 'fetch' }],
    ['clock', { clock: new Date() }],
    ['random', { random: 0.5 }],
    ['onCall', { onCall: {} }],
  ])('names %s when it is wrong, and not its value', (name, change) => {
    const parse = () => parseOptions({ ...valid, ...change } as unknown as WechatOptions)
    expect(parse).toThrow(TypeError)
    expect(parse).toThrow(new RegExp(`^${name}: expected `))
    expect(parse).not.toThrow(/s3cret/)
  })

  it('refuses to be called with nothing', () => {
    expect(() => parseOptions(undefined as never)).toThrow(TypeError)
  })
})
