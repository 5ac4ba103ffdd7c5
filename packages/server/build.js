/**
 * Builds the command into a few files (`dist/command/`), from what `tsc -b` wrote: as a thousand modules it takes twice as
 * long to start, and a third more memory. Who imports @mplogin/server gets the modules.
 */
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const at = path => fileURLToPath(new URL(path, import.meta.url))

/** Libraries of many modules, and our own. What is native, or one file already, stays where it is. */
const bundled = /^(typebox|kysely|jose|uuid|lru-cache|p-limit|@mplogin\/(contract|wechat|verify))(\/|$)/

rmSync(at('dist/command'), { recursive: true, force: true })
const bundle = await rolldown({
  input: { mplogin: at('dist/cli.js') },
  platform: 'node',
  external: id => !/^[./]/.test(id) && !bundled.test(id),
})
await bundle.write({ dir: at('dist/command'), format: 'es', chunkFileNames: '[name]-[hash].js' })
