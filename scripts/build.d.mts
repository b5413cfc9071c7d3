/** Builds the parts whose sources changed since their last build; all of them with `force`. Throws when one fails. */
export function build(options?: { readonly force?: boolean }): void
