import { hostingOf } from '@ihome/contract/hosting-client'
import { onUnmounted, type Ref, ref, shallowReactive, watch } from 'vue'
import { useApi } from '../../platform/api.ts'
import { type Trouble, troubleOf } from '../../platform/trouble.ts'
import { useOnline } from '../../platform/use-online.ts'
import { shrinkPhoto } from './shrink-photo.ts'

export interface PhotoUpload {
  readonly id: number
  readonly name: string
  /** A picture of it on this phone. */
  readonly preview: string
  state: 'waiting' | 'preparing' | 'sending' | 'drawing' | 'failed'
  /** How much has left, 0 to 1. */
  share: number
  trouble: Trouble | undefined
}

export interface PhotoUploads {
  readonly uploads: Ref<PhotoUpload[]>
  add(files: readonly File[]): void
  retry(upload: PhotoUpload): void
  drop(upload: PhotoUpload): void
}

let count = 0

/**
 * Photos on their way, one after the other. One that fails stays with its reason and can be repeated alone; without a
 * network they wait. `done` hears the key of each that has arrived.
 */
export function usePhotoUploads(houseId: () => number, done: (key: string) => void): PhotoUploads {
  const hosting = hostingOf(useApi())
  const online = useOnline()
  const uploads = ref<PhotoUpload[]>([]) as Ref<PhotoUpload[]>
  const files = new Map<number, File>()
  const leaving = new AbortController()
  let busy = false

  async function send(upload: PhotoUpload, file: File): Promise<void> {
    upload.state = 'preparing'
    upload.trouble = undefined
    upload.share = 0
    const photo = await shrinkPhoto(file)
    upload.state = 'sending'
    const hear = (share: number) => {
      upload.share = share
      if (share >= 1) upload.state = 'drawing'
    }
    const { key } = await hosting.addPhoto(houseId(), photo, hear, leaving.signal)
    forget(upload)
    done(key)
  }

  async function work(): Promise<void> {
    if (busy) return
    busy = true
    try {
      for (;;) {
        const upload = uploads.value.find(({ state }) => state === 'waiting')
        const file = upload && files.get(upload.id)
        if (!upload || !file || !online.value || leaving.signal.aborted) return
        try {
          await send(upload, file)
        } catch (error) {
          upload.trouble = troubleOf(error)
          upload.state = 'failed'
        }
      }
    } finally {
      busy = false
    }
  }

  function forget(upload: PhotoUpload): void {
    URL.revokeObjectURL(upload.preview)
    files.delete(upload.id)
    uploads.value = uploads.value.filter(({ id }) => id !== upload.id)
  }

  watch(online, () => void work())
  onUnmounted(() => {
    leaving.abort()
    for (const { preview } of uploads.value) URL.revokeObjectURL(preview)
  })

  return {
    uploads,
    add(chosen) {
      for (const file of chosen) {
        count += 1
        files.set(count, file)
        const upload = shallowReactive<PhotoUpload>({
          id: count,
          name: file.name,
          preview: URL.createObjectURL(file),
          state: 'waiting',
          share: 0,
          trouble: undefined,
        })
        uploads.value = [...uploads.value, upload]
      }
      void work()
    },
    retry(upload) {
      upload.state = 'waiting'
      void work()
    },
    drop: forget,
  }
}
