import vue from '@vitejs/plugin-vue'
import Icons from 'unplugin-icons/vite'
import { defineConfig } from 'vitest/config'

const outside = ['**/node_modules/**', '**/dist/**', '**/.data/**']

export default defineConfig({
  test: {
    // A worker mostly waits for a database, a browser or a process of its own, so two keep two cores busy; Vitest's own
    // default on such a machine is one.
    maxWorkers: 2,
    reporters: process.env.CI
      ? ['dot', './scripts/closing-line-reporter.ts']
      : ['default', './scripts/closing-line-reporter.ts'],
    // Without `isolate`, modules are loaded once per worker and not once per file: no test there changes what another
    // file could see.
    projects: [
      { test: { name: 'core', include: ['core/**/*.test.ts'], exclude: outside, isolate: false } },
      { test: { name: 'contract', include: ['contract/**/*.test.ts'], exclude: outside, isolate: false } },
      {
        test: {
          name: 'server',
          isolate: false,
          include: ['server/**/*.test.ts', 'prove/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: outside,
          globalSetup: ['server/platform/testing-global-setup.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        // Vue does not know this element of HTML yet.
        plugins: [
          vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'search' } } }),
          Icons({ compiler: 'vue3' }),
        ],
        test: {
          name: 'web',
          include: ['web/**/*.test.ts'],
          exclude: outside,
          environment: 'jsdom',
          isolate: false,
          // A calendar of many months walked by keys takes a second alone and several on a busy machine.
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'alipay-sandbox',
          isolate: false,
          include: ['alipay-sandbox/**/*.test.ts'],
          exclude: outside,
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          isolate: false,
          include: ['e2e/**/*.test.ts'],
          exclude: outside,
          globalSetup: ['e2e/testing-global-setup.ts'],
          setupFiles: ['e2e/testing-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // After everything else: a browser's pace must not depend on which unit tests run beside it.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
