import { createHash } from 'node:crypto'
import type { Plugin, Rollup } from 'vite'

const ENGLISH = /\/text\/english\.ts$/
/** The pages that open without a network, beside the frame itself. */
const SHELL_PAGES = /\/features\/(orders\/(OrdersPage|OrderPage)|pages\/OfflinePage)\.vue$/

/**
 * Builds the service worker beside the entry as `/sw.js`, a name without a hash, since browsers look for a newer one
 * under the same name, and writes into it which files the frame and its pages need.
 */
export const serviceWorker = (): Plugin => ({
  name: 'service-worker',
  // Vite takes chunks out again that hold nothing but style.
  enforce: 'post',
  buildStart() {
    this.emitFile({ type: 'chunk', id: `${import.meta.dirname}/service-worker.ts`, fileName: 'sw.js' })
  },
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file): file is Rollup.OutputChunk => file.type === 'chunk')
    const needed = new Set<string>()
    const need = (name: string): void => {
      const chunk = chunks.find(({ fileName }) => fileName === name)
      if (!chunk || needed.has(name)) return
      needed.add(name)
      for (const file of chunk.viteMetadata?.importedCss ?? []) needed.add(file)
      for (const next of chunk.imports) need(next)
    }
    for (const { fileName, isEntry, facadeModuleId } of chunks) {
      if (fileName !== 'sw.js' && (isEntry || SHELL_PAGES.test(facadeModuleId ?? ''))) need(fileName)
    }
    const worker = bundle['sw.js']
    if (worker?.type !== 'chunk') throw new Error('the service worker was not built')
    const files = JSON.stringify([...needed].sort().map((file) => `/${file}`))
    const words = chunks.find(({ facadeModuleId }) => ENGLISH.test(facadeModuleId ?? ''))?.fileName
    if (words === undefined) throw new Error('the words of English readers have no file of their own')
    const version = createHash('sha256')
      .update(files + words)
      .digest('hex')
      .slice(0, 12)
    const known = `__SHELL_FILES__ = ${files}, __ENGLISH_FILE__ = '/${words}', __SHELL_VERSION__ = '${version}'`
    worker.code = `const ${known};\n${worker.code}`
  },
})
