// Keeps the frame of the program and the last read orders on the phone, so that a paid stay can be shown at a door
// without a network. Everything else goes to the network and fails as it always did.

declare const self: ServiceWorkerGlobalScope
/** Filled in by the build: the scripts and styles of the pages that must open without a network. */
declare const __SHELL_FILES__: readonly string[]
/** The words of English readers, one file that nobody else loads. */
declare const __ENGLISH_FILE__: string
declare const __SHELL_VERSION__: string

const SHELL_PAGE = '/offline'
/** A build with other files has another cache; the old one goes when no page uses it any more. */
const SHELL = `shell ${__SHELL_VERSION__}`
const ORDERS = 'orders'
const API = '/api/v1.0'
/** The lists and pages of a person's own orders, as far as they have been opened. */
const KEPT_ANSWERS = new RegExp(`^${API}/(user/orders|orders/\\d+)$`)
/** After these nobody, or somebody else, is signed in. */
const PERSON_CHANGES = new RegExp(`^${API}/(sessions?|users)(/|$)`)

self.addEventListener('install', (event) => {
  event.waitUntil(
    // Without cookies, so that the kept frame names nobody.
    caches
      .open(SHELL)
      .then((cache) =>
        cache.addAll([new Request(SHELL_PAGE, { credentials: 'omit' }), '/icon.svg', ...__SHELL_FILES__]),
      ),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== SHELL && name !== ORDERS).map((name) => caches.delete(name))),
      ),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (origin !== self.location.origin) return
  if (request.method !== 'GET') {
    if (PERSON_CHANGES.test(pathname)) event.waitUntil(caches.delete(ORDERS))
    return
  }
  if (request.mode === 'navigate') event.respondWith(openPage(event))
  else if (__SHELL_FILES__.includes(pathname)) event.respondWith(fromShell(request))
  else if (pathname === __ENGLISH_FILE__) event.respondWith(fromShell(request))
  else if (KEPT_ANSWERS.test(pathname)) event.respondWith(readOrders(request, event.clientId))
})

/** The page from the network; without one, the frame, which shows what is kept under the same address. */
async function openPage(event: FetchEvent): Promise<Response> {
  try {
    const answer = await fetch(event.request)
    if (answer.headers.get('content-language') === 'en') event.waitUntil(keepWords())
    return answer
  } catch (error) {
    const shell = await caches.match(SHELL_PAGE)
    if (shell) return shell
    throw error
  }
}

const fromShell = async (request: Request): Promise<Response> => (await caches.match(request)) ?? fetch(request)

/** Whoever reads English once finds its words without a network from then on. */
async function keepWords(): Promise<void> {
  const cache = await caches.open(SHELL)
  if (!(await cache.match(__ENGLISH_FILE__))) await cache.add(__ENGLISH_FILE__)
}

/** An answer is kept as it was; a person who is signed out leaves nothing behind. */
async function readOrders(request: Request, clientId: string): Promise<Response> {
  const cache = await caches.open(ORDERS)
  const tell = async (keptAt: string | null) => (await self.clients.get(clientId))?.postMessage({ keptAt })
  try {
    const answer = await fetch(request)
    if (answer.status === 200) await cache.put(request.url, await stamped(answer.clone()))
    else if (answer.status === 401) await caches.delete(ORDERS)
    await tell(null)
    return answer
  } catch (error) {
    const kept = await cache.match(request.url)
    if (!kept) throw error
    await tell(kept.headers.get('date'))
    return kept
  }
}

/** The answer with the time at which it was read, should the server not have said it. */
async function stamped(answer: Response): Promise<Response> {
  const headers = new Headers(answer.headers)
  if (!headers.has('date')) headers.set('date', new Date().toUTCString())
  return new Response(await answer.blob(), { status: answer.status, headers })
}

export {}
