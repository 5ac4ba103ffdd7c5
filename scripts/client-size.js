/** How large the SDK is inside a mini program: what a bundler makes of the core and one platform, minified and gzipped. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

/** Bytes of each build, as the README promises: 3 kB, and 3.5 kB in ES5, whose words are longer. */
export const sizeLimits = { dist: 3072, miniprogram_dist: 3584 }

const entry = '\0entry'

/**
 * @param directory where the built package is
 * @param build a key of sizeLimits
 * @param platform wx, uni or taro
 */
export async function measureClient(directory, build, platform) {
  const files = ['index', platform].map(name => JSON.stringify(join(directory, build, `${name}.js`)))
  const isModule = build === 'dist'
  const code = files.map(file => (isModule ? `export * from ${file}` : `Object.assign(exports, require(${file}))`))
  const bundle = await rolldown({
    input: entry,
    plugins: [
      {
        name: 'entry',
        resolveId: id => (id === entry ? id : null),
        load: id => (id === entry ? code.join('\n') : null),
      },
    ],
  })
  const { output } = await bundle.generate({ format: isModule ? 'es' : 'cjs', minify: true })
  return gzipSync(output[0].code, { level: 9 }).length
}
