import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { findDatabases } from './test/support/require-databases.js'

const packages = fileURLToPath(new URL('./packages/', import.meta.url))

/** The behavioural suite: what the service promises, whatever database keeps it. It runs once on each. */
const behaviour = ['login', 'linking', 'tokens', 'idempotency', 'wechat-push', 'client/phone'].map(
  name => `test/${name}.test.ts`,
)
const suites = [
  'test/databases/*.test.ts',
  ...['store/migrate', 'store/given-rows', 'sessions/sessions'].map(name => `packages/server/src/${name}.test.ts`),
]

export default defineConfig(async () => ({
  test: {
    // Much of the time is waiting for processes and databases: two at once also where there are two cores.
    maxWorkers: 2,
    globalSetup: './test/support/collect-output.ts',
    projects: (await findDatabases()).map(kind => ({
      resolve: {
        // Tests read our packages from their sources; tests of processes and tarballs run what was built.
        alias: [
          {
            find: /^@mplogin\/(client|contract|wechat|emulator|server|verify)$/,
            replacement: `${packages}$1/src/index.ts`,
          },
          {
            find: /^@mplogin\/(client|contract|wechat|emulator|server|verify)\/(.+)$/,
            replacement: `${packages}$1/src/$2.ts`,
          },
        ],
      },
      test: {
        name: kind,
        include:
          kind === 'sqlite'
            ? ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/*/*.test.js']
            : [...behaviour, ...suites],
        env: { TEST_DATABASE: kind },
        testTimeout: 60_000,
        // A busy machine takes its time; who polls is told as soon as it is so.
        expect: { poll: { timeout: 5000 } },
        hookTimeout: 90_000,
      },
    })),
  },
}))
