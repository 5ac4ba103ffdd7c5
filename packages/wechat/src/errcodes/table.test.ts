import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RefusalCode } from '../error-codes.js'
import { paths } from '../paths.js'
import type { ErrcodeEntry, RetryRule } from './entry.js'
import { errcodeTable, findEntry, refusalOf } from './table.js'

/**
 * Every errcode that WeChat's servers are known to answer this client with, by where it was read. Left out: the `errno` of
 * `wx.*` (1400001, 112 …) and the numbers of WeChat's old decryption SDK (-41001, -41003), which no server answers.
 */
const known: Readonly<Record<string, readonly number[]>> = {
  'code exchange': [-1, 40029, 40163, 40226, 45011, 40013, 40125, 41002, 41004, 41008, 40002, 40243],
  'access token and every call with one': [
    40001, 40014, 42001, 41001, 40164, 43002, 44002, 47001, 45009, 48006, 50004, 50007, 89501, 89503, 89506, 89507,
    48001, 85107,
  ],
  'phone number': [40013, 40029, 45011, 40097, 61451],
  'session key': [40097, 87007, 87008, 87009],
  'paid unionid': [40003, 89002, 89300],
  'risk rank': [40129, 43104, 43302, 61010, 9410009],
  'quota and rid': [76021, 76022],
  'security mode': [40230, 40231, 40232, 40233, 40234, 40235, 40236, 40237, 40238, 40239, 40240],
}
const knownAt: Readonly<Record<string, readonly number[]>> = {
  [paths.getPhoneNumber]: [40003, 40013],
  [paths.getPluginOpenpid]: [1000, 1001, 1003, 1005, 1007, 1022],
  [paths.checkEncryptedData]: [1],
  [paths.getQuota]: [76003],
  [paths.lookUpRid]: [76001, 76002, 76003, 76004],
}

const everywhere: [number, RefusalCode, RetryRule][] = [
  [-1, 'BUSY', 'retry'],
  [40001, 'TOKEN_REJECTED', 'drop_token'],
  [40014, 'TOKEN_REJECTED', 'drop_token'],
  [42001, 'TOKEN_REJECTED', 'drop_token'],
  [40029, 'CODE_INVALID', 'never'],
  [40163, 'CODE_USED', 'never'],
  [40226, 'USER_BLOCKED', 'never'],
  [45009, 'QUOTA_EXCEEDED', 'tomorrow'],
  [45011, 'RATE_LIMITED', 'next_minute'],
  [40125, 'SECRET_INVALID', 'operator'],
  [40164, 'IP_NOT_ALLOWED', 'operator'],
  [89501, 'IP_NOT_ALLOWED', 'operator'],
  [89503, 'IP_NOT_ALLOWED', 'operator'],
  [89506, 'IP_NOT_ALLOWED', 'tomorrow'],
  [89507, 'IP_NOT_ALLOWED', 'next_hour'],
  [40243, 'SECRET_FROZEN', 'operator'],
  [48001, 'API_UNAUTHORIZED', 'operator'],
  [85107, 'API_UNAUTHORIZED', 'operator'],
  [48006, 'CLEAR_QUOTA_EXHAUSTED', 'operator'],
  [50004, 'TOKEN_FORBIDDEN', 'operator'],
  [50007, 'ACCOUNT_FROZEN', 'operator'],
  [40002, 'REQUEST_INVALID', 'never'],
  [41001, 'REQUEST_INVALID', 'never'],
  [41002, 'REQUEST_INVALID', 'never'],
  [41004, 'REQUEST_INVALID', 'never'],
  [41008, 'REQUEST_INVALID', 'never'],
  [41999, 'REQUEST_INVALID', 'never'],
  [43002, 'REQUEST_INVALID', 'never'],
  [44002, 'REQUEST_INVALID', 'never'],
  [47001, 'REQUEST_INVALID', 'never'],
  [87007, 'SESSION_KEY_INVALID', 'never'],
  [87009, 'SESSION_KEY_INVALID', 'never'],
  [89002, 'OPEN_PLATFORM_UNBOUND', 'operator'],
  [40234, 'SECURITY_REJECTED', 'operator'],
  [40238, 'SECURITY_UNCONFIGURED', 'operator'],
  [40240, 'CLOCK_SKEWED', 'operator'],
  [99999, 'UNKNOWN_ERRCODE', 'operator'],
]

const entries = [errcodeTable.everywhere, ...Object.values(errcodeTable.atEndpoints)].flatMap(group =>
  Object.entries(group).map(([errcode, entry]) => ({ errcode: Number(errcode), entry })),
)

describe('the table of errcodes', () => {
  it('has every known errcode, and no other', () => {
    const numbersOf = (group: object) => Object.keys(group).map(Number).sort()
    expect(numbersOf(errcodeTable.everywhere)).toEqual([...new Set(Object.values(known).flat())].map(Number).sort())
    const listed = Object.fromEntries(
      Object.entries(errcodeTable.atEndpoints).map(([path, group]) => [path, numbersOf(group)]),
    )
    expect(listed).toEqual(knownAt)
  })

  it('tells an operator what to do, in both languages', () => {
    for (const { errcode, entry } of entries) {
      expect(entry.advice['zh-CN'], String(errcode)).toMatch(/\p{Script=Han}.*。$/u)
      expect(entry.advice.en, String(errcode)).toMatch(/^[A-Z].*\.$/)
    }
  })

  it('repeats at once what is busy, and drops the token where it is rejected, and only there', () => {
    for (const { errcode, entry } of entries) {
      expect(entry.retry === 'retry', String(errcode)).toBe(entry.code === 'BUSY')
      expect(entry.retry === 'drop_token', String(errcode)).toBe(entry.code === 'TOKEN_REJECTED')
    }
  })

  it('is the table of the README, which `vitest run -u` writes', async () => {
    const row = (errcode: string, where: string, { code, retry, advice }: ErrcodeEntry) => {
      const text = advice.en.replace('{address}', '(WeChat names it)').replaceAll('|', '\\|')
      return `| ${errcode}${where} | \`${code}\` | ${retry.replace('_', ' ')} | ${text} |`
    }
    const rows = [
      ...Object.entries(errcodeTable.everywhere).map(([errcode, entry]) => row(errcode, '', entry)),
      ...Object.entries(errcodeTable.atEndpoints).flatMap(([path, group]) =>
        Object.entries(group).map(([errcode, entry]) => row(errcode, ` at \`${path}\``, entry)),
      ),
    ]
    const table = ['| errcode | `code` | again | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n')
    const page = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const marked = /(<!-- errcodes -->\n\n).*(\n\n<!-- end of errcodes -->)/s
    expect(page).toMatch(marked)
    await expect(page.replace(marked, `$1${table}$2`)).toMatchFileSnapshot('../../README.md')
  })
})

describe('refusalOf', () => {
  it.each(everywhere)('reads %i as %s at every endpoint, to be repeated: %s', (errcode, code, retry) => {
    for (const path of Object.values(paths)) {
      expect(refusalOf(path, errcode)).toBe(code)
      expect(findEntry(path, errcode).retry).toBe(retry)
    }
  })

  it('reads 40013 as another app’s code where phone codes are traded, as a wrong appid elsewhere', () => {
    expect(refusalOf(paths.getPhoneNumber, 40013)).toBe('PHONE_APP_MISMATCH')
    expect(refusalOf(paths.exchangeCode, 40013)).toBe('APPID_INVALID')
    expect(refusalOf(paths.stableToken, 40013)).toBe('APPID_INVALID')
  })

  it('reads 40003 as another user’s code where phone codes are traded, as a wrong openid elsewhere', () => {
    expect(refusalOf(paths.getPhoneNumber, 40003)).toBe('OPENID_MISMATCH')
    expect(refusalOf(paths.getPaidUnionid, 40003)).toBe('OPENID_INVALID')
  })

  it('reads the small numbers of single endpoints there only', () => {
    expect(refusalOf(paths.getPluginOpenpid, 1007)).toBe('CODE_INVALID')
    expect(refusalOf(paths.exchangeCode, 1007)).toBe('UNKNOWN_ERRCODE')
    expect(refusalOf(paths.checkEncryptedData, 1)).toBe('ENCRYPTED_DATA_UNKNOWN')
    expect(refusalOf(paths.getPhoneNumber, 1)).toBe('UNKNOWN_ERRCODE')
    expect(refusalOf(paths.lookUpRid, 76003)).toBe('RID_INVALID')
    expect(refusalOf(paths.getQuota, 76003)).toBe('PATH_INVALID')
  })
})
