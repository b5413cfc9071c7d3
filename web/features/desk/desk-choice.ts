/** One of a few values that a list is filtered by; it stands in the address under the name it has in `choices`. */
export interface DeskChoice<Value extends string = string> {
  readonly label: string
  readonly options: readonly { readonly value: Value; readonly words: string }[]
}

export const choiceOf = <Value extends string>(
  label: string,
  values: readonly Value[],
  wordsOf: (value: Value) => string,
): DeskChoice<Value> => ({ label, options: values.map((value) => ({ value, words: wordsOf(value) })) })
