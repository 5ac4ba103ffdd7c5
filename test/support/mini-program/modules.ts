import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'

/**
 * Loads the modules of a mini program into a context of their own, as WeChat does: CommonJS, with the globals given.
 *
 * @param findPackage the file of an npm package, as WeChat's "build npm" would have put it there
 */
export function createModules(
  directory: string,
  globals: object,
  options: { readonly edit: (code: string) => string; readonly findPackage: (name: string) => string },
) {
  const context = createContext(globals)
  const loaded = new Map<string, { exports: unknown }>()

  function load(file: string): unknown {
    const known = loaded.get(file)
    if (known) return known.exports
    const module = { exports: {} }
    loaded.set(file, module)
    const code = options.edit(readFileSync(file, 'utf8'))
    const run = runInContext(`(function (require, module, exports) {${code}\n})`, context, { filename: file })
    run((name: string) => load(find(file, name)), module, module.exports)
    return module.exports
  }

  function find(from: string, name: string): string {
    if (!name.startsWith('.')) return options.findPackage(name)
    return join(dirname(from), name.endsWith('.js') ? name : `${name}.js`)
  }

  return {
    /** @param path below the directory, such as `pages/home/home.js` */
    load: (path: string): unknown => load(join(directory, path)),
  }
}
