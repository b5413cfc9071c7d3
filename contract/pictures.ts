/** The widths every stored picture has, in pixels; the height follows from 3:2. */
export const PICTURE_WIDTHS = [360, 640, 960] as const
export type PictureFormat = 'avif' | 'webp'

/** The address of a stored picture. Keys are random and never reused, so the answer may be cached for ever. */
export const pictureUrl = (key: string, width: (typeof PICTURE_WIDTHS)[number], format: PictureFormat): string =>
  `/uploads/${key}-${width}.${format}`

/** The address of a person's picture, which is stored in one size, square. */
export const avatarUrl = (key: string): string => pictureUrl(key, 360, 'webp')

export const pictureSrcset = (key: string, format: PictureFormat): string =>
  PICTURE_WIDTHS.map((width) => `${pictureUrl(key, width, format)} ${width}w`).join(', ')
