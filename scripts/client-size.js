/** How large the SDK is inside a mini program: what a bundler makes of the core and one platform, minified and gzipped. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

/** Bytes: 3 kB, as the README promises. */
export const sizeLimit = 3072

const entry = '\0entry'

/**
 * @param directory where the built package is
 * @param platform wx, uni or taro
 */
export async function measureClient(directory, platform = 'wx') {
  const code = [
    `export * from ${JSON.stringify(join(directory, 'dist/index.js'))}`,
    `export * from ${JSON.stringify(join(directory, `dist/${platform}.js`))}`,
  ].join('\n')
  const bundle = await rolldown({
    input: entry,
    plugins: [{ name: 'entry', resolveId: id => (id === entry ? id : null), load: id => (id === entry ? code : null) }],
  })
  const { output } = await bundle.generate({ format: 'es', minify: true })
  return gzipSync(output[0].code, { level: 9 }).length
}
