/** After `npm ci`: builds, so that `npx mplogin` works at once. An install without development dependencies has nothing to build with. */
import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'

if (existsSync('node_modules/typescript')) {
  console.log('Building, a few seconds...')
  execSync('npm run -s build', { stdio: 'inherit' })
}
