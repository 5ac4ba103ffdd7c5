import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from './config-error.js'
import { describeConfig } from './describe-config.js'
import { readConfig } from './read-config.js'

const secret = Buffer.alloc(32, 7).toString('base64')
const read = (env: Record<string, string> = {}, directory = mkdtempSync(join(tmpdir(), 'mplogin-'))) =>
  readConfig({ env, directory })
const problemsOf = (env: Record<string, string>) => {
  try {
    read(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  throw new Error('the settings were taken')
}

describe('readConfig', () => {
  it('needs no setting in development, and makes a secret that only this user can read', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mplogin-'))
    const config = read({}, directory)
    expect(config.values).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      DATABASE_URL: 'sqlite:./data/mplogin.db',
      ISSUER: 'mplogin',
      PHONE_RECYCLE_DAYS: 90,
    })
    expect(config.apps).toHaveLength(1)
    expect(config.secrets.map(secret => secret.length)).toEqual([32])
    expect(readFileSync(join(directory, 'data/secret'), 'utf8')).toBe(config.values.MPLOGIN_SECRET)
    expect(statSync(join(directory, 'data/secret')).mode & 0o777).toBe(0o600)
    expect(read({}, directory).secrets).toEqual(config.secrets)
  })

  it('refuses to start in production without a secret or without an app', () => {
    const app = { WECHAT_APPID: 'wx1', WECHAT_SECRET: 's' }
    expect(problemsOf({ NODE_ENV: 'production', ...app })).toMatchObject([{ key: 'MPLOGIN_SECRET', found: 'nothing' }])
    expect(problemsOf({ NODE_ENV: 'production', MPLOGIN_SECRET: secret })).toMatchObject([
      { key: 'WECHAT_APPID', found: 'nothing' },
    ])
    expect(read({ NODE_ENV: 'production', MPLOGIN_SECRET: secret, ...app }).isProduction).toBe(true)
  })

  it.each([
    ['PORT', 'abc'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['MERGE', 'Auto'],
    ['PHONE_RECYCLE_DAYS', '-3'],
    ['PHONE_RECYCLE_DAYS', 'always'],
    ['WECHAT_API_BASE', 'api.weixin.qq.com'],
    ['CORS_ORIGINS', 'example.com'],
    ['TRUST_PROXY', 'yes'],
    ['LOG_LEVEL', 'loud'],
    ['ACCESS_TOKEN_TTL_SECONDS', '0'],
  ])('stops at %s=%s, naming the key, what was found and what was expected', (key, value) => {
    expect(problemsOf({ [key]: value })).toEqual([
      { key, found: JSON.stringify(value), expected: expect.stringMatching(/\w/) },
    ])
  })

  it('takes the new and the old secret while one is replaced', () => {
    const [old, next] = [randomBytes(32), randomBytes(32)]
    const text = `${next.toString('base64')}, ${old.toString('base64url')}`
    expect(read({ MPLOGIN_SECRET: text }).secrets).toEqual([next, old])
    expect(problemsOf({ MPLOGIN_SECRET: `${next.toString('base64')},short` })).toMatchObject([
      { key: 'MPLOGIN_SECRET' },
    ])
  })

  it('stops at a DATABASE_URL that cannot be used, without printing it', () => {
    expect(problemsOf({ DATABASE_URL: 'oracle://user:hidden@x' })).toEqual([
      { key: 'DATABASE_URL', found: 'the scheme "oracle"', expected: expect.stringContaining('postgres://') },
    ])
  })

  it('names every wrong key at once', () => {
    expect(problemsOf({ PORT: 'x', MERGE: 'y' }).map(problem => problem.key)).toEqual(['PORT', 'MERGE'])
  })

  it('does not print a wrong secret', () => {
    expect(JSON.stringify(problemsOf({ MPLOGIN_SECRET: 'too-short' }))).not.toContain('too-short')
  })

  it.each([
    ['{', 'text that is not JSON'],
    ['[]', 'JSON of another shape (the whole must not have fewer than 1 items)'],
    ['[{"appid":"wx1"}]', 'JSON of another shape (/0 must have required properties secret)'],
    // As WeChat's console spells it: ignored, it would leave pushes unencrypted.
    ['[{"appid":"wx1","secret":"a","encodingAESKey":"x"}]', 'JSON of another shape (/0/encodingAESKey is not known)'],
    [`[{"appid":"wx1","secret":"a","encodingAesKey":"${'x'.repeat(43)}"}]`, 'an EncodingAESKey without a token'],
    ['[{"appid":"wx1","secret":"a"},{"appid":"wx1","secret":"b"}]', 'an appid twice'],
  ])('refuses WECHAT_APPS=%s', (text, found) => {
    expect(problemsOf({ WECHAT_APPS: text })).toMatchObject([{ key: 'WECHAT_APPS', found }])
  })

  it('refuses half an app, and an app beside a list', () => {
    expect(problemsOf({ WECHAT_APPID: 'wx1' })).toMatchObject([{ key: 'WECHAT_SECRET' }])
    expect(problemsOf({ WECHAT_SECRET: 's' })).toMatchObject([{ key: 'WECHAT_APPID' }])
    const list = '[{"appid":"wx1","secret":"a"}]'
    expect(problemsOf({ WECHAT_PUSH_TOKEN: 'Token', WECHAT_APPS: list })).toMatchObject([{ key: 'WECHAT_PUSH_TOKEN' }])
    expect(problemsOf({ WECHAT_SECRET: 's', WECHAT_APPS: list })).toMatchObject([{ key: 'WECHAT_SECRET' }])
    expect(problemsOf({ WECHAT_PUSH_TOKEN: 'Token' })).toMatchObject([{ key: 'WECHAT_APPID' }])
    expect(
      problemsOf({ WECHAT_APPID: 'wx1', WECHAT_SECRET: 's', WECHAT_APPS: '[{"appid":"wx1","secret":"a"}]' }),
    ).toMatchObject([{ key: 'WECHAT_APPID' }])
  })

  it('reads .env below the environment, and takes an empty value for none', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mplogin-'))
    writeFileSync(join(directory, '.env'), 'PORT=4000\nISSUER=from-file\n')
    const config = read({ PORT: '5000', AUDIENCE: '' }, directory)
    expect(config.values).toMatchObject({ PORT: 5000, ISSUER: 'from-file', AUDIENCE: 'mplogin' })
    expect(config.sources).toMatchObject({
      PORT: 'environment',
      ISSUER: '.env',
      AUDIENCE: 'default',
      REDIS_URL: 'unset',
      MPLOGIN_SECRET: 'generated',
    })
  })
})

describe('describeConfig', () => {
  it('prints every setting and hides the secrets', () => {
    const config = read({
      WECHAT_APPID: 'wx1',
      WECHAT_SECRET: 'app-secret',
      MPLOGIN_SECRET: secret,
      REDIS_URL: 'redis://me:hunter2@h:1',
    })
    const text = JSON.stringify(describeConfig(config))
    for (const hidden of ['app-secret', secret, 'hunter2']) expect(text).not.toContain(hidden)
    expect(text).toContain('redis://(hidden)@h:1')
    expect(text).toContain('wx1')
  })
})
