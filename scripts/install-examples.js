/**
 * Installs the examples that have a build, where they are missing: they pin old versions of Vite, and so have locks and
 * folders of their own. Their tests build them. Without a network they are skipped, loudly; in CI that is an error.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const missing = ['uni-app', 'taro'].filter(name => !existsSync(`${folder(name)}node_modules/.package-lock.json`))

if (missing.length > 0) {
  console.log(`examples/{${missing.join(',')}}: installing what their tests need (about a minute, once)`)
  const codes = await Promise.all(missing.map(install))
  if (codes.some(code => code !== 0) && process.env.CI) process.exit(1)
}

function folder(name) {
  return fileURLToPath(new URL(`../examples/${name}/`, import.meta.url))
}

/** @returns {Promise<number | null>} what npm ended with */
function install(name) {
  const npm = spawn('npm', ['ci', '--prefer-offline'], { cwd: folder(name), stdio: 'inherit' })
  return new Promise(resolve => npm.once('exit', resolve))
}
