import { onUnmounted } from 'vue'

/** Tells a late answer whether the page that asked is still shown. One that was left must not lead anybody anywhere. */
export function useStillHere(): () => boolean {
  let here = true
  onUnmounted(() => {
    here = false
  })
  return () => here
}
