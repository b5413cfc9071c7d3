import path from 'node:path'
import { defineConfig } from 'vite'

/**
 * One build for Node: our own sources bundled, what comes from node_modules left where it is, but for two packages of
 * nearly a thousand files between them, which every start would look up one by one. The entries stand flat
 * in dist, one level below server/, so that what they find relative to themselves is found from source too.
 */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  ssr: { noExternal: [/^@ihome\//, 'kysely', 'typebox'], external: ['alipay-sandbox'] },
  build: {
    ssr: true,
    outDir: 'dist',
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        'alipay-check': path.join(import.meta.dirname, 'alipay-check.ts'),
        check: path.join(import.meta.dirname, 'check.ts'),
        main: path.join(import.meta.dirname, 'main.ts'),
        migrate: path.join(import.meta.dirname, 'migrate.ts'),
        operator: path.join(import.meta.dirname, 'operator.ts'),
        seed: path.join(import.meta.dirname, 'seed/main.ts'),
      },
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
})
