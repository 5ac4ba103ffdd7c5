import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'

/** Loads the modules of a mini program into a context of their own, as WeChat does: CommonJS, with the globals given. */
export function createModules(directory: string, globals: object, edit: (code: string) => string) {
  const context = createContext(globals)
  const loaded = new Map<string, { exports: unknown }>()

  /** @param path below the directory, such as `pages/home/home.js` */
  function load(path: string): unknown {
    const known = loaded.get(path)
    if (known) return known.exports
    const module = { exports: {} }
    loaded.set(path, module)
    const code = edit(readFileSync(join(directory, path), 'utf8'))
    const run = runInContext(`(function (require, module, exports) {${code}\n})`, context, { filename: path })
    run((name: string) => load(join(dirname(path), name)), module, module.exports)
    return module.exports
  }

  return { load }
}
