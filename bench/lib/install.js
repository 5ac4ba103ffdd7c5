import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('..', import.meta.url))

/** Installs what the peers are made of, unless it is there; it is no part of the project's own installation. */
export function installPeers(say) {
  const installed = `${bench}node_modules/.package-lock.json`
  const isCurrent =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${bench}package-lock.json`).mtimeMs
  if (isCurrent) return
  say('Installing the peers, once …')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: bench,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('npm ci in bench/ failed')
}
