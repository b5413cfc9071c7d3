import path from 'node:path'
import { defineConfig } from 'vite'

/**
 * One build for Node: our own sources bundled, everything from node_modules left where it is. The entries stand flat
 * in dist, one level below server/, so that what they find relative to themselves is found from source too.
 */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  ssr: { noExternal: [/^@ihome\//], external: ['alipay-sandbox'] },
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
