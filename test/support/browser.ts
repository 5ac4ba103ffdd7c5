import { existsSync } from 'node:fs'

/** Chromium as Debian installs it, or where CHROMIUM says. */
export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const hasBrowser = existsSync(executablePath)

/** Keeps the browser quiet and its pages on this machine. */
export const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

/** Says loudly that tests are skipped without a browser; in CI they fail instead. */
export function warnWithoutBrowser(what: string): void {
  if (hasBrowser) return
  const text = `no Chromium at ${executablePath}: the tests of ${what} are SKIPPED (set CHROMIUM, or install chromium)`
  if (process.env.CI) throw new Error(text)
  process.stderr.write(`\n${text}\n\n`)
}
