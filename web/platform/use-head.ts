import { type InjectionKey, inject, watchEffect } from 'vue'
import { useSay } from '../text/say.ts'

/** What stands in the head of a page. */
export interface Head {
  /** Without the product's name; undefined on the home page. */
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** Path of the picture that a shared link shows. */
  readonly image?: string | undefined
  /** The first picture, fetched before anything asks for it. */
  readonly preload?: { readonly srcset: string; readonly sizes: string } | undefined
  /** The page as search engines read it (JSON-LD); `origin` is that of the shop. */
  readonly facts?: ((origin: string) => object) | undefined
  /** 404 when what was asked for does not exist. */
  readonly status?: number | undefined
}

export interface HeadSink {
  /** Called after rendering, when everything has been read. */
  read: () => Head
}

/** Only the rendering server provides it; in a browser the title is set directly. */
export const HEAD_SINK: InjectionKey<HeadSink> = Symbol('head sink')

export function useHead(head: () => Head): void {
  const say = useSay()
  const sink = inject(HEAD_SINK, undefined)
  if (sink) {
    sink.read = head
    return
  }
  watchEffect(() => {
    const { title } = head()
    document.title = title === undefined ? say('app.name') : say('app.title', { page: title })
  })
}
