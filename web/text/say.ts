import type { Problem } from '@ihome/contract/problems'
import { type InjectionKey, inject } from 'vue'
import { zh } from './zh.ts'

/** The names in braces of a text: `'{nights}晚共 {amount}'` asks for `nights` and `amount`. */
export type Slots<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Slots<Rest>
  : never

export type Texts = Readonly<Record<string, string>>
type Values<Text extends string> = [Slots<Text>] extends [never]
  ? []
  : [values: Readonly<Record<Slots<Text>, string | number>>]

/** Gives the sentence of a key. A key that does not exist, or a value that is missing, does not compile. */
export type SayFrom<Catalogue extends Texts> = <Key extends keyof Catalogue & string>(
  key: Key,
  ...values: Values<Catalogue[Key]>
) => string

export const sayFrom =
  <Catalogue extends Texts>(catalogue: Catalogue): SayFrom<Catalogue> =>
  (key, ...[values]) => {
    const text = catalogue[key] ?? key
    if (!values) return text
    const filled: Readonly<Record<string, string | number>> = values
    return text.replace(/\{(\w+)\}/g, (_slot, name: string) => String(filled[name] ?? ''))
  }

export type Say = SayFrom<typeof zh>
export type TextKey = keyof typeof zh

const problemKey = <Name extends Problem>(problem: Name): `problem.${Name}` => `problem.${problem}`

/** The sentence of a problem; nothing for one that this catalogue, of visitors' problems or of all, does not hold. */
export function sayProblem(say: Say, problem: Problem): string | undefined {
  const key = problemKey(problem)
  const text = say(key as 'problem.not_found')
  return text === key ? undefined : text
}

export const SAY: InjectionKey<Say> = Symbol('say')

export function useSay(): Say {
  const say = inject(SAY)
  if (!say) throw new Error('no text catalogue was provided')
  return say
}

/** Says any key; one that it does not know comes back as it is. */
export type AnySay = (key: string, values?: Readonly<Record<string, string | number>>) => string

/** Says everything that `Say` does, and the words that only some pages need and bring themselves, in Chinese. */
export function useSayWith<More extends Texts>(more: More): SayFrom<typeof zh & More> {
  const say = useSay() as AnySay
  const own = sayFrom(more) as AnySay
  return ((key: string, values) => {
    // The say of another language knows the words of every page.
    const isOwn = key in more && say(key) === key
    return (isOwn ? own : say)(key, values)
  }) as SayFrom<typeof zh & More>
}

/** What a facility is called: operators name it in Chinese, other languages know the usual ones by number. */
export function facilityText(say: Say, { id, name }: { readonly id: number; readonly name: string }): string {
  const key = `facility.${id}`
  const text = (say as AnySay)(key)
  return text === key ? name : text
}

export const sayInChinese: Say = sayFrom(zh)
