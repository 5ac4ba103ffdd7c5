import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../../packages/server/bin/mplogin.js', import.meta.url))

/** Whether this mplogin runs several processes on one port by itself: `serve --workers N`. */
export function offersWorkers() {
  const { stdout = '' } = spawnSync(process.execPath, [bin, 'serve', '--help'], { encoding: 'utf8' })
  return stdout.includes('--workers')
}
