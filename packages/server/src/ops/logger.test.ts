import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.js'

describe('createLogger', () => {
  it('hides secrets also where somebody logs a whole request by mistake', () => {
    let text = ''
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk)
        done()
      },
    })
    const secrets = {
      code: 's3cret-code',
      loginCode: 's3cret-login',
      refreshToken: 's3cret-refresh',
      encryptedData: 's3cret-data',
      phone: 's3cret-phone',
      ticket: 's3cret-ticket',
    }
    const headers = { authorization: 'Bearer s3cret-token', cookie: 's3cret-cookie' }
    const logger = createLogger('info', stream)
    logger.info({ body: secrets, headers, query: { code: 's3cret-query' } }, 'a request')
    logger.info(
      { request: { body: secrets, headers, query: { access_token: 's3cret-wechat', secret: 's3cret-app' } } },
      'a request',
    )
    expect(text).toContain('(hidden)')
    expect(text).not.toContain('s3cret')
  })
})
