/** The longest side that is sent: more than the largest size that is kept, so nothing is lost. */
const LONGEST = 2_048
const QUALITY = 0.88
/** Smaller files are sent as they are. */
const SMALL_BYTES = 400_000

/**
 * The photo as a JPEG of moderate size, so that it leaves the phone in seconds. Where the browser cannot read the file
 * it is sent as it is, and the server says what is wrong with it.
 */
export async function shrinkPhoto(file: Blob): Promise<Blob> {
  if (file.size <= SMALL_BYTES) return file
  try {
    const picture = await createImageBitmap(file)
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    const pen = canvas.getContext('2d')
    if (!pen) return file
    // A JPEG cannot be seen through; without a ground what can be would turn black.
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
    picture.close()
    const shrunk = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
    return shrunk && shrunk.size < file.size ? shrunk : file
  } catch {
    return file
  }
}
