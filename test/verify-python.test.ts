import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startSystem } from './support/system.js'

// Debian's PyJWT. Where there is none the tests are skipped, loudly; in CI they fail.
const python = ['/usr/bin/python3', 'python3'].find(hasPyJwt)
if (python === undefined) {
  const text = 'no Python with PyJWT: its check of our tokens is SKIPPED (install python3-jwt python3-cryptography)'
  if (process.env.CI) throw new Error(text)
  process.stderr.write(`\n${text}\n\n`)
}

function hasPyJwt(command: string): boolean {
  try {
    execFileSync(command, ['-c', 'import jwt, cryptography'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

const page = readFileSync(new URL('../docs/verify.md', import.meta.url), 'utf8')
const [, example = ''] = /```python\n(.*?)```/s.exec(page) ?? []

/** Runs the example of the docs, as it stands there, on a token. */
async function accountOf(loginUrl: string, token: string): Promise<string> {
  const script = `${example.replace('https://login.example.com', loginUrl)}
import sys
try:
    print(*account_of(sys.argv[1]))
except jwt.PyJWTError as error:
    print(type(error).__name__)`
  const { stdout } = await promisify(execFile)(python ?? '', ['-c', script, token])
  return stdout.trim()
}

describe.skipIf(python === undefined)('the Python of docs/verify.md', { timeout: 30_000 }, () => {
  it.each([
    'ES256',
    'EdDSA',
    'RS256',
  ])('verifies our tokens of %s through the published keys, and refuses others', async algorithm => {
    const system = await startSystem({ env: { SIGNING_ALGORITHM: algorithm } })
    try {
      system.advance({ seconds: (Date.now() - system.clock().getTime()) / 1000 })
      const { accessToken, refreshToken, user } = (await system.person().login()).body.data
      expect(await accountOf(system.url, accessToken)).toBe(`${user.id} ${refreshToken.split('.')[0]}`)
      const [header, payload, signature = ''] = accessToken.split('.')
      const other = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
      expect(await accountOf(system.url, [header, payload, other].join('.'))).toBe('InvalidSignatureError')
      system.advance({ days: -1 })
      const old = (await system.person().login()).body.data.accessToken
      expect(await accountOf(system.url, old)).toBe('ExpiredSignatureError')
    } finally {
      await system.close()
    }
  })
})
