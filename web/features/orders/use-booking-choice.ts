import { computed, onMounted, watch } from 'vue'
import { useRoute, useRouter } from '../../platform/page-router.ts'
import { useServerClock } from '../../platform/server-clock.ts'
import { useDraft } from '../../platform/use-draft.ts'
import { type BookingChoice, choiceOf, queryOf, saysNothing } from './booking-choice.ts'

/**
 * Dates and people of a booking. They stand in the address, so that reload, back and a login in between keep them, and
 * in a draft of this tab, for whoever comes again by an address without them. `ready` is called when both were looked at.
 */
export function useBookingChoice(houseId: number, ready: (choice: BookingChoice) => void) {
  const route = useRoute()
  const router = useRouter()
  const { today } = useServerClock()
  const { form: draft, discard } = useDraft(`booking:${houseId}`, { query: {} as Record<string, string> })
  const choice = computed(() => choiceOf(route.query, today()))

  async function choose(change: Partial<BookingChoice>): Promise<void> {
    const { stay, guests } = choice.value
    const next = { stay, guests, ...change }
    draft.query = queryOf(next)
    await router.replace({ query: queryOf(next) })
  }

  onMounted(async () => {
    if (saysNothing(route.query)) await choose(choiceOf(draft.query, today()))
    else draft.query = queryOf(choice.value)
    ready(choice.value)
  })
  // Back and forward change the address without asking this page.
  watch(choice, (now) => {
    draft.query = queryOf(now)
  })
  return { choice, choose, discard }
}
