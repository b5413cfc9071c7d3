import { Readable } from 'node:stream'
import { AwsClient } from 'aws4fetch'
import { type FileStore, StorageFault } from './file-store.ts'

export interface S3Settings {
  /** Scheme, host and port; the bucket is the first part of the path, which every S3-like service understands. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKey: string
  readonly secretKey: string
}

const ANSWER_WITHIN_MS = 10_000

/** Keeps files in a bucket of an S3-like service. The bucket must exist; it need not be public. */
export function createS3Files({ endpoint, region, bucket, accessKey, secretKey }: S3Settings): FileStore {
  const client = new AwsClient({
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    service: 's3',
    region,
    // The caller says no at once and the person tries again; a hidden wait would only look like a hang.
    retries: 0,
  })
  const addressOf = (name: string) => `${endpoint.replace(/\/$/, '')}/${bucket}/${encodeURIComponent(name)}`

  async function ask(name: string, init: RequestInit): Promise<Response> {
    try {
      return await client.fetch(addressOf(name), { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    } catch (cause) {
      throw new StorageFault('the file service did not answer', { cause })
    }
  }
  const expectDone = async (answer: Response) => {
    await answer.arrayBuffer()
    if (!answer.ok) throw new StorageFault(`the file service answered ${answer.status}`)
  }

  return {
    async put(name, bytes, type) {
      const taken = await ask(name, { method: 'HEAD' })
      if (taken.ok) throw new StorageFault('the name is taken')
      await expectDone(
        await ask(name, {
          method: 'PUT',
          body: new Uint8Array(bytes),
          headers: { 'content-type': type, 'content-length': String(bytes.length) },
        }),
      )
    },
    async open(name) {
      const answer = await ask(name, { method: 'GET' })
      if (answer.status === 404) return undefined
      if (!answer.ok || !answer.body) throw new StorageFault(`the file service answered ${answer.status}`)
      const bytes = answer.headers.get('content-length')
      return { body: Readable.fromWeb(answer.body as never), bytes: bytes === null ? undefined : Number(bytes) }
    },
    async remove(name) {
      const answer = await ask(name, { method: 'DELETE' })
      if (answer.status !== 404) await expectDone(answer)
    },
  }
}
