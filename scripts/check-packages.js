/**
 * Packs every package as npm would publish it and checks the tarballs: publint (fields and files), attw (types resolve),
 * that the SDK is as small as it is said to be, and that what was packed runs: the command prints its help, each library can be imported.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, resolve } from 'node:path'
import { measureClient, sizeLimits } from './client-size.js'

const packages = [
  'packages/contract',
  'packages/wechat',
  'packages/emulator',
  'packages/verify',
  'packages/client',
  'packages/server',
  'apps/demo',
]
const cache = resolve('.cache/packed')
rmSync(cache, { recursive: true, force: true })
mkdirSync(cache, { recursive: true })

const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options })
const check = (title, work) => {
  try {
    work()
    console.log(`ok    ${title}`)
  } catch (error) {
    console.log(
      `FAIL  ${title}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.stdout === undefined ? error.message : ''}`,
    )
    process.exitCode = 1
  }
}

for (const directory of packages) {
  const { name, exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  check(`${name} packs`, () =>
    run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', cache, '-w', name]),
  )
  const tarball = join(
    cache,
    readdirSync(cache).find(file => file.endsWith('.tgz') && file.startsWith(name.replace('@', '').replace('/', '-'))),
  )
  check(`${name} passes publint`, () => run('npx', ['publint', '--strict', tarball]))
  if (exports['.']) check(`${name} passes attw`, () => run('npx', ['attw', '--profile', 'esm-only', tarball]))
  // Beside the root's node_modules, so that dependencies of others resolve and ours come from the tarballs.
  const target = join(cache, 'node_modules', name)
  mkdirSync(target, { recursive: true })
  run('tar', ['-xzf', tarball, '-C', target, '--strip-components', '1'])
}

for (const name of [
  'contract',
  'contract/errors',
  'wechat',
  'emulator',
  'emulator/wx',
  'verify',
  'verify/express',
  'verify/fastify',
  'verify/koa',
  'verify/nest',
  'client',
  'client/wx',
  'client/uni',
  'client/taro',
  'client/texts',
  'server',
]) {
  check(`@mplogin/${name} can be imported from its tarball`, () =>
    run('node', ['--input-type=module', '-e', `await import('@mplogin/${name}')`], { cwd: cache }),
  )
}
for (const name of ['client', 'client/wx', 'client/uni', 'client/taro', 'client/texts']) {
  check(`@mplogin/${name} can be required from its tarball`, () =>
    run('node', ['-e', `require('@mplogin/${name}')`], { cwd: cache }),
  )
}
for (const [build, limit] of Object.entries(sizeLimits)) {
  for (const platform of ['wx', 'uni', 'taro']) {
    const size = await measureClient(join(cache, 'node_modules/@mplogin/client'), build, platform)
    check(`@mplogin/client with ${platform}, ${build}, is ${size} bytes gzipped, of ${limit} at most`, () => {
      if (size > limit) throw new Error(`${size - limit} bytes too many`)
    })
  }
}
check('the packed mplogin prints its help', () => {
  const help = run('node', [join(cache, 'node_modules/@mplogin/server/bin/mplogin.js'), '--help'], { cwd: cache })
  if (!help.includes('serve')) throw new Error(help)
})
check('the packed mplogin imports nothing but its own dependencies', () => {
  const root = join(cache, 'node_modules/@mplogin/server')
  const { name, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const command = join(root, 'dist/command')
  const imported = readdirSync(command).flatMap(file => [
    ...readFileSync(join(command, file), 'utf8').matchAll(
      /^(?:import|export)\b[^;'"]*?['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm,
    ),
  ])
  const packageOf = id => id.split('/', id.startsWith('@') ? 2 : 1).join('/')
  const needed = new Set(imported.map(([, from, loaded]) => packageOf(from ?? loaded)))
  const missing = [...needed].filter(
    id => !id.startsWith('.') && !id.startsWith('node:') && !isBuiltin(id) && id !== name && !(id in dependencies),
  )
  if (missing.length > 0) throw new Error(`not among its dependencies: ${missing.join(', ')}`)
  if (!needed.has('fastify')) throw new Error('no import was found, not even that of Fastify')
})
