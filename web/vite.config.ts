import path from 'node:path'
import vue from '@vitejs/plugin-vue'
import Icons from 'unplugin-icons/vite'
import { defineConfig } from 'vite'
import { chunkModules } from './worker/chunk-modules.ts'
import { serviceWorker } from './worker/shell-files.ts'

/**
 * What every public page needs, in one file: some thirty small ones would cost a slow phone more than their bytes. What
 * only forms, sheets and the pages behind the login need stays out.
 */
const BASE =
  /node_modules\/@?vue\/|\/web\/(platform|ui|text)\/|\/web\/AppRoot|\/web\/features\/(accounts\/(PersonAvatar|avatar-tone)|houses\/(HousePrice|HouseFacts|picture-alt|stay-query|use-stay-rules))|\/core\/(calendar|money|pricing)|\/contract\/(client|problems|pictures)|~icons\/lucide\/(house|heart|message-circle|calendar|user|chevron-left|chevron-right|image|check|x)$|vite\/preload-helper/
// Style stays with the entry, whose one file of it the server puts into every page.
const NOT_BASE = /\.css$|use-step|use-draft|UiField|UiSheet|tell-tabs|send-parts|\/text\/(zh-|en|[a-z]+-say)/

/** What the page of a house needs and others behind it: one small file instead of five. */
const STAY =
  /core\/orders\/(cancel-rule|stay-times)|houses\/(day-words|refund-note)|reviews\/(ReviewItem|parts-text)|text\/(zh-detail|person-say)/

/** The same for the list of houses. */
const LIST = /search\/(HouseCard|search-wishes)|text\/zh-search/

/**
 * Two builds of one source: `vite build` makes dist/client for browsers, with a manifest that the server reads;
 * `vite build --ssr` makes dist/server, one module that renders pages and carries its own Vue.
 */
export default defineConfig(({ isSsrBuild }) => ({
  root: import.meta.dirname,
  // Names that others know: robots.txt, the sign, the web manifest.
  publicDir: isSsrBuild ? false : 'public',
  plugins: [
    vue(),
    Icons({
      compiler: 'vue3',
      iconCustomizer(_collection, _name, props) {
        props.class = 'icon'
        props.width = '24'
        props.height = '24'
        props['aria-hidden'] = 'true'
      },
    }),
    ...(isSsrBuild ? [] : [serviceWorker(), chunkModules(path.resolve(import.meta.dirname, '..'))]),
  ],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  ssr: { noExternal: true },
  // For Node the packages name builds that carry the template compiler: a megabyte that nothing here calls.
  ...(isSsrBuild
    ? {
        resolve: {
          alias: [
            { find: /^vue$/, replacement: 'vue/dist/vue.runtime.esm-bundler.js' },
            { find: /^vue\/server-renderer$/, replacement: '@vue/server-renderer/dist/server-renderer.esm-bundler.js' },
          ],
        },
      }
    : {}),
  build: {
    outDir: isSsrBuild ? 'dist/server' : 'dist/client',
    emptyOutDir: true,
    manifest: !isSsrBuild,
    target: isSsrBuild ? 'node20' : 'es2022',
    // Every file that pages name must carry its hash, so nothing is inlined and nothing keeps its plain name.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Every browser that knows our scripts' syntax knows modulepreload.
    // Of what a later page needs, only its style is named beforehand: the names of all scripts would weigh a kilobyte in
    // every first load. The server names them in the pages that it sends itself.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_file, needed) => needed.filter((name) => name.endsWith('.css')),
    },
    rolldownOptions: {
      input: isSsrBuild ? 'entry-server.ts' : 'entry-client.ts',
      // The server's module is whole: a build that replaces it must not take parts from under a running server.
      output: isSsrBuild
        ? { entryFileNames: 'entry-server.js', codeSplitting: false }
        : {
            codeSplitting: {
              includeDependenciesRecursively: false,
              groups: [
                { name: 'base', test: (id: string) => BASE.test(id) && !NOT_BASE.test(id) },
                { name: 'stay', test: STAY },
                { name: 'list', test: LIST },
              ],
            },
          },
    },
  },
}))
