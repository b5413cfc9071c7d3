import sharp from 'sharp'
import type { Point } from './glyphs.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** A few strokes on a ground: all that a captcha needs of a drawing program, and no reader of any file format. */
export interface Canvas {
  /** A line through the points, round at its ends and corners. */
  stroke(points: readonly Point[], colour: Colour, width: number): void
  png(): Promise<Buffer>
}

export function createCanvas(width: number, height: number, ground: Colour): Canvas {
  const pixels = Buffer.alloc(width * height * 3)
  for (let at = 0; at < pixels.length; at += 3) pixels.set(ground, at)

  /** Lays so much of the colour over a pixel. */
  function tint(x: number, y: number, colour: Colour, share: number): void {
    const at = (y * width + x) * 3
    for (const [part, value] of colour.entries()) {
      const before = pixels[at + part] ?? 0
      pixels[at + part] = Math.round(before + (value - before) * share)
    }
  }

  function segment(from: Point, to: Point, colour: Colour, half: number): void {
    const edge = half + 1
    const [left, right] = [Math.min(from[0], to[0]) - edge, Math.max(from[0], to[0]) + edge]
    const [top, bottom] = [Math.min(from[1], to[1]) - edge, Math.max(from[1], to[1]) + edge]
    for (let y = Math.max(0, Math.floor(top)); y <= Math.min(height - 1, bottom); y += 1) {
      for (let x = Math.max(0, Math.floor(left)); x <= Math.min(width - 1, right); x += 1) {
        const share = half + 0.5 - distance([x, y], from, to)
        if (share > 0) tint(x, y, colour, Math.min(1, share))
      }
    }
  }

  return {
    stroke(points, colour, lineWidth) {
      const [only] = points
      if (points.length === 1 && only) segment(only, only, colour, lineWidth / 2)
      for (const [index, point] of points.entries()) {
        const next = points[index + 1]
        if (next) segment(point, next, colour, lineWidth / 2)
      }
    },
    png: () =>
      sharp(pixels, { raw: { width, height, channels: 3 } })
        .png({ compressionLevel: 6 })
        .toBuffer(),
  }
}

/** From a point to the nearest one of a segment. */
function distance([x, y]: Point, from: Point, to: Point): number {
  const along: Point = [to[0] - from[0], to[1] - from[1]]
  const square = along[0] ** 2 + along[1] ** 2
  const share = square === 0 ? 0 : ((x - from[0]) * along[0] + (y - from[1]) * along[1]) / square
  const near = Math.min(1, Math.max(0, share))
  return Math.hypot(x - from[0] - near * along[0], y - from[1] - near * along[1])
}
