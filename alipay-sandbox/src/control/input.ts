/** The few JSON Schema words that the control API needs; the same objects check input and stand in the OpenAPI file. */
export type InputSchema =
  | {
      readonly type: 'string'
      readonly enum?: readonly string[]
      readonly pattern?: string
      readonly maxLength?: number
    }
  | {
      readonly type: 'integer' | 'number'
      readonly minimum?: number
      readonly maximum?: number
      readonly nullable?: true
    }
  | { readonly type: 'boolean' }
  | { readonly type: 'array'; readonly items: InputSchema; readonly maxItems: number }
  | ObjectSchema

export interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, InputSchema>>
  readonly required?: readonly string[]
  /** Settings are checked by their own table. */
  readonly additionalProperties: boolean
}

export const object = (properties: ObjectSchema['properties'], required: readonly string[] = []): ObjectSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

/** Input that does not fit; the text names the field. */
export class BadInput extends Error {
  override readonly name = 'BadInput'
}

/** Checks `value` and gives it back; throws {@link BadInput}. */
export function checkInput(schema: ObjectSchema, value: unknown, at = 'body'): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadInput(`${at}: object expected`)
  const fields: Record<string, unknown> = { ...value }
  for (const name of schema.required ?? []) {
    if (fields[name] === undefined) throw new BadInput(`${at}.${name} is missing`)
  }
  for (const [name, item] of Object.entries(fields)) {
    const rule = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (rule) checkValue(rule, item, `${at}.${name}`)
    else if (!schema.additionalProperties) throw new BadInput(`${at}.${name} is unknown`)
  }
  return fields
}

function checkValue(rule: InputSchema, value: unknown, at: string): void {
  switch (rule.type) {
    case 'object':
      checkInput(rule, value, at)
      return
    case 'boolean':
      if (typeof value !== 'boolean') throw new BadInput(`${at}: boolean expected`)
      return
    case 'array':
      if (!Array.isArray(value) || value.length > rule.maxItems) throw new BadInput(`${at}: list expected`)
      value.forEach((item, index) => {
        checkValue(rule.items, item, `${at}[${index}]`)
      })
      return
    case 'string':
      checkText(rule, value, at)
      return
    default:
      checkNumber(rule, value, at)
  }
}

function checkText(rule: Extract<InputSchema, { type: 'string' }>, value: unknown, at: string): void {
  if (typeof value !== 'string') throw new BadInput(`${at}: string expected`)
  if (rule.enum && !rule.enum.includes(value)) throw new BadInput(`${at}: one of ${rule.enum.join(', ')} expected`)
  if (rule.pattern && !new RegExp(rule.pattern).test(value)) throw new BadInput(`${at} does not match ${rule.pattern}`)
  if (value.length > (rule.maxLength ?? 10_000)) throw new BadInput(`${at} is too long`)
}

function checkNumber(rule: Extract<InputSchema, { minimum?: number }>, value: unknown, at: string): void {
  if (value === null && rule.nullable) return
  const fits =
    typeof value === 'number' && Number.isFinite(value) && (rule.type === 'number' || Number.isInteger(value))
  if (!fits) throw new BadInput(`${at}: ${rule.type} expected`)
  if (value < (rule.minimum ?? -Infinity) || value > (rule.maximum ?? Infinity))
    throw new BadInput(`${at} is out of range`)
}
