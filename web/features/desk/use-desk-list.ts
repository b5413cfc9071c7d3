import { computed } from 'vue'
import { type Route, useRoute } from '../../platform/page-router.ts'
import { useResource } from '../../platform/use-resource.ts'
import type { DeskChoice } from './desk-choice.ts'
import { oneIn, spanIn, textIn } from './filters.ts'
import type { AskPage, DeskPageOf } from './whole-list.ts'

type Choices<Chosen extends Record<string, string>> = { readonly [Name in keyof Chosen]: DeskChoice<Chosen[Name]> }
interface Span {
  readonly q?: string | undefined
  readonly p?: string | undefined
  readonly sort?: string | undefined
  readonly size?: string
}

type Filter<Values, Day extends string, Typed> = Span &
  Typed & { readonly [Name in keyof Values]: Values[Name] | undefined } & { readonly [Name in Day]: string | undefined }

interface DeskListWish<Values extends Record<string, string>, Day extends string, Typed extends object, Page> {
  /** The name of the page: a list that is no longer shown asks for nothing. */
  readonly page: string
  /** What can be searched for; a list without it has nothing to search. */
  readonly hint?: string
  readonly choices?: Choices<Values>
  /** The labels of days that it is filtered by. */
  readonly days?: Readonly<Record<Day, string>>
  /** What else the list is filtered by, read from the address. */
  readonly typed?: (route: Route) => Typed
  readonly ask: (filter: Filter<NoInfer<Values>, NoInfer<Day>, NoInfer<Typed>>) => Promise<Page>
}

/**
 * A list at the desk whose page, order and filters stand in the address, so that it can be sent to a colleague and the
 * way back leads to it. What it gives is what `DeskList` wants to be bound to.
 */
export function useDeskList<
  Page extends DeskPageOf<object>,
  Values extends Record<string, string> = Record<never, string>,
  Day extends string = never,
  Typed extends object = object,
>(wish: DeskListWish<Values, Day, Typed, Page>) {
  const { page, hint, typed, ask } = wish
  const choices: Readonly<Record<string, DeskChoice>> = wish.choices ?? {}
  const days: Readonly<Record<string, string>> = wish.days ?? {}
  const route = useRoute()
  const filter = computed(() => {
    const values: Record<string, string | undefined> = {}
    if (hint !== undefined) values.q = textIn(route, 'q')
    for (const [name, { options }] of Object.entries(choices)) {
      values[name] = oneIn(
        route,
        name,
        options.map(({ value }) => value),
      )
    }
    for (const name of Object.keys(days)) values[name] = textIn(route, name)
    // The loops have read what the type's names say.
    return { ...values, ...typed?.(route), ...spanIn(route) } as Filter<Values, Day, Typed>
  })
  const list = useResource(
    () => (route.name === page ? `${page}:${JSON.stringify(filter.value)}` : undefined),
    () => ask(filter.value),
    // Somebody else may have worked on it meanwhile.
    { whenVisible: true },
  )
  const askPage: AskPage<Page['rows'][number]> = (span) => ask({ ...filter.value, ...span })
  return { list, hint, choices, days, ask: askPage }
}
