import { inject } from 'vue'
import { useSession } from '../../platform/session.ts'
import { RESOURCES } from '../../platform/use-resource.ts'

/** What follows a sign-in and a sign-out in this tab: the frame changes, and nothing read for the one before stays. */
export function useSessionChange(): { entered(name: string): void; left(): void } {
  const session = useSession()
  const resources = inject(RESOURCES)
  const become = (name: string | undefined) => {
    resources?.kept.clear()
    session.name = name
  }
  return { entered: become, left: () => become(undefined) }
}
