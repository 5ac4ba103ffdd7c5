/**
 * The direction of imports (docs/architecture.md). `npm run lint` holds the code to it.
 *
 * contract ← all · wechat ← server · inside the server http → login → accounts, sessions → avatars, ops (audit, outbox) → store;
 * app.ts alone joins them, main.ts, commands/ and dev/ are the process around it.
 */
const server = 'packages/server/src'

/** A room, and the only places its files may import from (besides itself and npm packages). */
const may = (name, room, places) => ({
  name,
  severity: 'error',
  from: { path: `^${room}`, pathNot: '\\.test\\.ts$' },
  to: { path: '^(packages|apps)/', pathNot: ['node_modules', `^${room}`, ...places.map(place => `^${place}`)] },
})

const contract = 'packages/contract/src'
const wechat = 'packages/wechat/src'
const basics = [`${server}/(clock|errors|keyring|version)\\.ts`, contract]
const store = `${server}/store`
const ops = `${server}/ops`
const avatars = `${server}/avatars`

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    may('contract-knows-nobody', 'packages/contract/src', []),
    may('wechat-stands-alone', 'packages/wechat/src', []),
    may('emulator-knows-the-contract', 'packages/emulator/src', [contract]),
    {
      name: 'emulator-wx-stands-alone',
      comment: 'it runs in browsers too',
      severity: 'error',
      from: { path: '^packages/emulator/src/wx[/.]', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^packages/emulator/src/wx[/.]' },
    },
    may('emulator-page-knows-types', 'packages/emulator/page', ['packages/emulator/src']),
    may('verify-knows-the-contract', 'packages/verify/src', [contract]),
    may('client-knows-the-contract', 'packages/client/src', [contract]),
    {
      name: 'client-takes-types-of-the-contract',
      comment: 'it lands in mini programs; its texts are an entry of their own',
      severity: 'error',
      from: { path: '^packages/client/src', pathNot: ['/texts\\.ts$', '\\.test\\.ts$'] },
      to: { path: `^${contract}`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-needs-nothing',
      comment: 'but vue, for its composable',
      severity: 'error',
      from: { path: '^packages/client/src', pathNot: '\\.test\\.ts$' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg'],
        pathNot: 'node_modules/(vue|@vue)/',
      },
    },
    may('demo-is-a-mini-program', 'apps/demo/src', [contract, 'packages/client/src', 'packages/emulator/src/wx[/.]']),
    may('server-store', store, [...basics]),
    may('server-ops', ops, [...basics, store, wechat]),
    may('server-sessions', `${server}/sessions`, [...basics, store, ops, 'packages/verify/src']),
    may('server-avatars', avatars, [...basics, store]),
    may('server-accounts', `${server}/accounts`, [...basics, store, ops, avatars, wechat]),
    may('server-import', `${server}/import`, [...basics, store, ops, `${server}/accounts`]),
    may('server-login', `${server}/login`, [
      ...basics,
      store,
      ops,
      avatars,
      wechat,
      `${server}/accounts`,
      `${server}/sessions`,
    ]),
    may('server-http', `${server}/http`, [...basics, `${server}/store/failures\\.ts`, ops, `${server}/login`]),
    may('server-config', `${server}/config`, [
      ...basics,
      `${server}/store/database-url\\.ts`,
      `${avatars}/storage\\.ts`,
    ]),
    {
      name: 'only-commands-know-the-emulator',
      severity: 'error',
      from: { path: `^${server}`, pathNot: [`^${server}/(dev|commands)/`, '\\.test\\.ts$'] },
      to: { path: '^packages/emulator' },
    },
    {
      name: 'contract-imports-no-node',
      severity: 'error',
      from: { path: '^packages/contract/src', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'packages-do-not-know-tests',
      severity: 'error',
      from: { path: '^packages', pathNot: '\\.test\\.ts$' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.imports.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
      extensions: ['.ts', '.js', '.vue'],
    },
  },
}
