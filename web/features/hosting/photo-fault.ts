import { type Trouble, troubleText } from '../../platform/trouble.ts'
import { sayToHosts as say } from '../../text/hosting-say.ts'

/** What became of a photo that could not be kept, by the name of its file. */
export function photoFault(trouble: Trouble, name: string, most: number): string {
  if (trouble.kind !== 'refusal')
    return trouble.kind === 'outage' ? say('photos.failed', { name }) : troubleText(say, trouble)
  if (trouble.problem === 'body_too_large') return say('photos.too_large', { name })
  if (trouble.problem === 'storage_unavailable') return say('photos.storage', { name })
  if (trouble.problem !== 'file_invalid') return troubleText(say, trouble)
  const { reason } = trouble.details as { readonly reason?: string }
  switch (reason) {
    case 'broken':
      return say('photos.broken', { name })
    case 'too_many_pixels':
      return say('photos.too_many_pixels', { name })
    case 'too_many_photos':
      return say('photos.too_many', { most, name })
    default:
      return say('photos.not_a_picture', { name })
  }
}
