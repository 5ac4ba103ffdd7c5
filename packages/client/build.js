/**
 * Builds what is published: `dist/` for bundlers (ES modules in the syntax of 2015) and `miniprogram_dist/` for WeChat's own
 * "build npm" (CommonJS in the syntax of ES5). Neither needs @mplogin/contract: its texts are bundled, its types are copied.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import ts from 'typescript'

const at = path => fileURLToPath(new URL(path, import.meta.url))
const entries = ['index', 'wx', 'uni', 'taro', 'vue', 'texts']
const header = '// @mplogin/client, MIT license\n'

for (const directory of ['dist', 'miniprogram_dist']) {
  rmSync(at(directory), { recursive: true, force: true })
  mkdirSync(at(directory))
}

const bundle = await rolldown({
  input: Object.fromEntries(entries.map(name => [name, at(`src/${name}.ts`)])),
  external: ['vue'],
  transform: { target: 'es2015' },
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
})
const { output } = await bundle.generate({ format: 'es', chunkFileNames: '[name].js', banner: header })
for (const { fileName, code } of output) {
  writeFileSync(at(`dist/${fileName}`), code)
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.CommonJS, noImplicitUseStrict: true },
  })
  writeFileSync(at(`miniprogram_dist/${fileName}`), outputText)
}
writeFileSync(at('miniprogram_dist/package.json'), '{ "type": "commonjs" }\n')

// The types that `tsc -b` wrote, and those of the contract that they name.
const sources = readdirSync(at('src')).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
for (const name of sources.map(source => source.replace(/ts$/, 'd.ts'))) {
  copyTypes(`.cache/types/${name}`, name, text => text.replace(/'@mplogin\/contract\/(\w+)'/g, "'./contract-$1.js'"))
}
for (const name of ['errors', 'messages']) {
  copyTypes(`../contract/dist/${name}.d.ts`, `contract-${name}.d.ts`, text => text.replace("'./errors.js'", "'./contract-errors.js'"))
}

function copyTypes(from, to, resolve) {
  const text = resolve(readFileSync(at(from), 'utf8').replace(/\/\/# sourceMappingURL=.*\n?/, ''))
  for (const directory of ['dist', 'miniprogram_dist']) writeFileSync(at(`${directory}/${to}`), text)
}
