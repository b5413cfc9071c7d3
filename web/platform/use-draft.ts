import { onMounted, reactive, watch } from 'vue'

/**
 * A form that survives a reload and a login in between, in this tab. `name` tells drafts apart. Call `discard` once it
 * has been sent.
 */
export function useDraft<T extends object>(name: string, initial: T): { form: T; discard(): void } {
  const place = `draft:${name}`
  const form = reactive({ ...initial }) as T
  let sent = false
  onMounted(() => {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(place) ?? 'null')
      if (typeof kept === 'object' && kept !== null) Object.assign(form, kept)
    } catch {
      // A draft that cannot be read is as good as none.
    }
    watch(form, () => {
      if (sent) return
      try {
        sessionStorage.setItem(place, JSON.stringify(form))
      } catch {
        // A browser without storage keeps the form only as long as the page.
      }
    })
  })
  return {
    form,
    discard() {
      sent = true
      try {
        sessionStorage.removeItem(place)
      } catch {
        // Nothing was kept.
      }
    },
  }
}
