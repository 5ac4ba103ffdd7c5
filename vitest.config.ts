import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const packages = fileURLToPath(new URL('./packages/', import.meta.url))

export default defineConfig({
  resolve: {
    // Tests read our packages from their sources; tests of processes and tarballs run what was built.
    alias: [
      { find: /^@mplogin\/(contract|wechat|emulator|server)$/, replacement: `${packages}$1/src/index.ts` },
      { find: /^@mplogin\/(contract|wechat|emulator|server)\/(.+)$/, replacement: `${packages}$1/src/$2.ts` },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
