import { ref, shallowRef } from 'vue'
import { useAnnouncer } from '../../platform/announcer.ts'
import type { Resource } from '../../platform/use-resource.ts'
import type { Step } from '../../platform/use-step.ts'
import { sayAtDesk as say } from '../../text/desk-say.ts'

/**
 * Something that is done to one row of a list after a reason was written into a sheet: which row, whether the sheet is
 * open, and the list read again afterwards. `wishOf` gives undefined for what must not be sent yet.
 */
export function useRowAct<Row extends object, Wish, Answer>(
  list: Pick<Resource<unknown>, 'reload'>,
  step: Step<Wish, Answer>,
  wishOf: (row: Row, reason: string) => Wish | undefined,
  said: (answer: Answer) => string = () => say('desk.done'),
) {
  const announcer = useAnnouncer()
  const chosen = shallowRef<Row>()
  const isOpen = ref(false)

  function choose(row: Row): void {
    chosen.value = row
    step.forget()
    isOpen.value = true
  }
  async function send(reason: string): Promise<void> {
    const wish = chosen.value && wishOf(chosen.value, reason)
    if (wish === undefined) return
    const answer = await step.run(wish)
    if (answer === undefined) return
    isOpen.value = false
    announcer.say(said(answer))
    await list.reload()
  }
  return { chosen, isOpen, choose, send }
}
