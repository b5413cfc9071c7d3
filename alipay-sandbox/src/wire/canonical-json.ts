export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * The one spelling of an answer that every SDK family verifies: no blanks, `\/` for `/`, raw UTF-8 except U+2028 and
 * U+2029, no empty object, no float, no lone surrogate. What cannot be spelt that way is a defect and throws.
 */
export function canonicalJson(value: Json): string {
  return JSON.stringify(cleaned(value))
    .replaceAll('/', '\\/')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
}

/**
 * Whether a reader that counts braces without regard to strings finds the end of this object in the wrong place. One
 * published Python SDK reads so; no spelling satisfies it and the others too, so such a value is sent as it is.
 */
export function misleadsBraceCounters(object: string): boolean {
  let depth = 0
  for (let at = 0; at < object.length; at += 1) {
    if (object[at] === '{') depth += 1
    if (object[at] === '}') depth -= 1
    if (depth === 0) return at < object.length - 1
  }
  return true
}

function cleaned(value: Json): Json {
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\uFFFD')
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') {
    // Re-encoding turns 88.80 into 88.8, and PHP prints integers beyond 2^53 in full: amounts travel as strings.
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new RangeError(`not an integer: ${value}`)
    return value
  }
  if (isList(value)) return value.map(cleaned).filter((item) => !isEmptyObject(item))
  const entries: [string, Json][] = []
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const clean = cleaned(item)
    // PHP decodes {} to an array and encodes it as [], so an empty object is left out altogether.
    if (isEmptyObject(clean)) continue
    entries.push([cleanedKey(key), clean])
  }
  return Object.fromEntries(entries)
}

const cleanedKey = (key: string) => key.replace(/\p{Surrogate}/gu, '\uFFFD')

const isEmptyObject = (value: Json) => typeof value === 'object' && !isList(value) && Object.keys(value).length === 0

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
