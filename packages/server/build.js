/**
 * Builds the command into a few files (`dist/command/`), from what `tsc -b` wrote: as a thousand modules it takes twice as
 * long to start, and a third more memory. Who imports @mplogin/server gets the modules.
 */
import { readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const at = path => fileURLToPath(new URL(path, import.meta.url))

const { dependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
/** Libraries of many modules, and our own. What is native, or one file already, stays where it is. */
const bundled = ['typebox', 'kysely', 'jose', 'uuid', 'lru-cache', 'p-limit', ...ours('contract', 'wechat', 'verify')]
/** What is imported as it is: this package's own dependencies. Those of what is bundled are bundled with it. */
const external = Object.keys(dependencies).filter(name => !bundled.includes(name))

function ours(...names) {
  return names.map(name => `@mplogin/${name}`)
}

rmSync(at('dist/command'), { recursive: true, force: true })
const bundle = await rolldown({
  input: { mplogin: at('dist/cli.js') },
  platform: 'node',
  external: id =>
    id.startsWith('node:') || isBuiltin(id) || external.some(name => id === name || id.startsWith(`${name}/`)),
})
await bundle.write({ dir: at('dist/command'), format: 'es', chunkFileNames: '[name]-[hash].js' })
