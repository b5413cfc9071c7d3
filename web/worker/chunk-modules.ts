import path from 'node:path'
import type { Plugin } from 'vite'

/**
 * Writes beside the manifest which sources each script is made of, as `.vite/modules.json`: the manifest names chunks
 * only, and a check of what visitors load has to see what lies in them.
 */
export const chunkModules = (root: string): Plugin => ({
  name: 'chunk-modules',
  // Vite takes chunks out again that hold nothing but style.
  enforce: 'post',
  generateBundle(_options, bundle) {
    const modules: Record<string, string[]> = {}
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk')
        modules[file.fileName] = file.moduleIds.map((id) => path.relative(root, id.replace(/\?.*$/, '')))
    }
    this.emitFile({ type: 'asset', fileName: '.vite/modules.json', source: JSON.stringify(modules) })
  },
})
