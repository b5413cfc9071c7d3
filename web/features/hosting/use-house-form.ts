import { useDraft } from '../../platform/use-draft.ts'
import { contentOf, emptyForm, type HouseForm } from './house-form.ts'

interface KeptForm extends HouseForm {
  /** What it belongs to on the server: a draft or a house; empty before the first is saved. */
  source: string
  /** The content as the server last had it, as text. */
  saved: string
}

export interface KeptHouseForm {
  readonly form: HouseForm
  /** Takes over what the server has, unless this phone holds newer words for the same source. */
  load(source: string, form: HouseForm): void
  /** The server has what stands here now. */
  markSaved(source: string): void
  source(): string
  discard(): void
}

const textOf = (form: HouseForm): string => JSON.stringify(contentOf(form))

/** The words about a house, kept on this phone too, so that a reload, a login or a lost network takes nothing away. */
export function useHouseForm(name: string): KeptHouseForm {
  const empty = emptyForm()
  const { form, discard } = useDraft<KeptForm>(name, { ...empty, source: '', saved: textOf(empty) })
  return {
    form,
    load(source, known) {
      const isNewerHere = form.source === source && textOf(form) !== form.saved
      if (!isNewerHere) Object.assign(form, known)
      form.source = source
      form.saved = textOf(known)
    },
    markSaved(source) {
      form.source = source
      form.saved = textOf(form)
    },
    source: () => form.source,
    discard,
  }
}
