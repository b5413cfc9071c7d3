import type { ApiAnswer, ApiRequest } from '@ihome/contract/client'

const API_PREFIX = '/api/v1.0'
/** A file over a phone's line takes its time; only a line that stands still for so long is given up. */
const STILL_MS = 60_000

/** As a form with a file, by the one way that tells how much has left. */
export function sendParts(
  { method, path, onProgress, signal }: ApiRequest,
  parts: FormData,
  token: string,
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const fail = () => reject(new TypeError('no answer'))
    let timer = setTimeout(() => request.abort(), STILL_MS)
    const leave = () => request.abort()
    signal?.addEventListener('abort', leave)
    request.open(method, API_PREFIX + path)
    request.setRequestHeader('accept', 'application/json')
    request.setRequestHeader('x-csrftoken', token)
    request.upload.onprogress = ({ loaded, total }) => {
      clearTimeout(timer)
      timer = setTimeout(() => request.abort(), STILL_MS)
      onProgress?.(total > 0 ? loaded / total : 0)
    }
    request.onerror = fail
    request.onabort = fail
    request.onload = () => {
      try {
        resolve({ status: request.status, body: JSON.parse(request.responseText) as unknown })
      } catch {
        fail()
      }
    }
    request.onloadend = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', leave)
    }
    request.send(parts)
  })
}
