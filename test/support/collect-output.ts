import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Names the directory in which a run keeps what its servers and commands write. */
const variable = 'MPLOGIN_TEST_OUTPUT'

/** Whatever test it was: what no log may hold looks like this. */
export const secretShapes = {
  'an access token': /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/,
  'a refresh token': /[\da-f]{8}-[\da-f-]{27}\.\d+\.[\w-]{43}/,
  'a sealed text': /v1\.[\w-]{10}\.[\w-]{40,}/,
  'a session key': /(?<![\w+/])[\dA-Za-z+/]{22}==/,
  'a query of WeChat': /\b(secret|access_token|js_code)=/,
  'a login code': /(?<![\w-])0(?=(?:[a-z\d]*[A-Z]){3})[\dA-Za-z]{31}(?![\w-])/,
  'a phone code': /(?<![\da-f])[\da-f]{64}(?![\da-f])/,
  // But for the number in our texts.
  'a phone': /(?<![\w-])(\+?86)?(?!13800000000)1[3-9]\d{9}(?![\w-])/,
  'an openid': /(?<![\w-])o(?=(?:[a-z\d_-]*[A-Z]){3})[\w-]{27}(?![\w-])/,
}

/** Keeps what one server or command wrote, for the search after all tests. */
export function keepOutput(of: string, text: string): void {
  const directory = process.env[variable]
  if (directory !== undefined) appendFileSync(join(directory, `${of}-${process.pid}.log`), `${text}\n`)
}

/** Before all tests: a directory for what they write. */
export function setup(): void {
  process.env[variable] = mkdtempSync(join(tmpdir(), 'mplogin-output-'))
}

/** After all tests: nothing that was written looks like a secret. */
export function teardown(): void {
  const directory = process.env[variable] ?? ''
  const findings = readdirSync(directory).flatMap(name => {
    const text = readFileSync(join(directory, name), 'utf8')
    return Object.entries(secretShapes).flatMap(([what, shape]) => {
      const found = shape.exec(text)
      return found ? [`${what} in ${name}: …${text.slice(Math.max(0, found.index - 200), found.index + 200)}…`] : []
    })
  })
  rmSync(directory, { recursive: true })
  if (findings.length === 0) return
  process.stderr.write(`\n  !! FAILED: secrets in what this run wrote\n${findings.join('\n')}\n\n`)
  // Vitest prints what a teardown throws, and calls the run a success.
  process.exitCode = 1
}
