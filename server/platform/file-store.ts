import type { Readable } from 'node:stream'

export interface StoredFile {
  readonly body: Readable
  readonly bytes: number | undefined
}

/**
 * Where pictures are kept. Names are made by us and never come from a request unchecked. Every method throws
 * {@link StorageFault} when the place cannot be reached or cannot take more.
 */
export interface FileStore {
  /** Keeps `bytes` under a name that was never used. A name that is taken is a fault and leaves what is there. */
  put(name: string, bytes: Buffer, type: string): Promise<void>
  /** Undefined when there is no such file. */
  open(name: string): Promise<StoredFile | undefined>
  /** Does nothing when there is no such file. */
  remove(name: string): Promise<void>
}

/** The place that keeps files did not do what was asked; trying again later may help. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault'
}
