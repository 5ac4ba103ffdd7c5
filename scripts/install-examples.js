/**
 * Installs examples/uni-app where it is missing: it pins an old Vite, and so has a lock and a folder of its own. Its tests
 * build it. Without a network they are skipped, loudly; in CI that is an error.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('../examples/uni-app/', import.meta.url))

if (!existsSync(`${directory}node_modules/@dcloudio/vite-plugin-uni`)) {
  console.log('examples/uni-app: installing what its tests need (about a minute, once)')
  const { status } = spawnSync('npm', ['ci', '--prefer-offline'], { cwd: directory, stdio: 'inherit' })
  if (status !== 0 && process.env.CI) process.exit(1)
}
