import { onMounted, onUnmounted, type Ref, ref } from 'vue'

/** Whether the device believes to have a network. A page starts with yes, as it has just come over one. */
export function useOnline(): Readonly<Ref<boolean>> {
  const online = ref(true)
  const look = () => {
    online.value = navigator.onLine
  }
  onMounted(() => {
    look()
    addEventListener('online', look)
    addEventListener('offline', look)
  })
  onUnmounted(() => {
    removeEventListener('online', look)
    removeEventListener('offline', look)
  })
  return online
}
