/** An import would have replaced something, or brought keys that do not belong to it. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused'
}
