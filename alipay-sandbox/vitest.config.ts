import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Much of the time is spent waiting for sockets and programs, so two workers keep two cores busy; on such a machine
    // Vitest's own default is one. No test changes what another file could see, so modules are loaded once per worker.
    maxWorkers: 2,
    isolate: false,
  },
})
