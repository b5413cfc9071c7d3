import { createCanvas } from './canvas.ts'
import { GLYPH_HEIGHT, GLYPH_WIDTH, linesOf, type Point } from './glyphs.ts'

const WIDTH = 480
const HEIGHT = 160
const GROUND = [246, 241, 234] as const
const INKS = [
  [29, 77, 60],
  [122, 42, 24],
  [43, 58, 103],
  [90, 58, 0],
] as const
const MARGIN = 34
const SCALE = 6.6

/** A number in [0, 1) at each call; the same seed gives the same ones. */
type Chance = () => number

/** The seed is read two bytes at a time, and then again from the start, mixed with how often. */
function chanceFrom(seed: Buffer): Chance {
  let calls = 0
  return () => {
    const places = seed.length - 1
    const round = Math.floor((calls * 2) / places)
    const number = seed.readUInt16BE((calls * 2) % places) ^ (round * 40_503)
    calls += 1
    return (number & 0xffff) / 0x10000
  }
}

/**
 * The text as a PNG that people can read: characters turned, leaning, of different size and waved together, with
 * lines across. The same seed draws the same picture, so that asking again shows nothing new.
 */
export function drawCaptcha(text: string, seed: Buffer): Promise<Buffer> {
  const chance = chanceFrom(seed)
  const between = (low: number, high: number) => low + (high - low) * chance()
  const ink = () => INKS[Math.floor(chance() * INKS.length)] ?? INKS[0]
  const canvas = createCanvas(WIDTH, HEIGHT, GROUND)
  const wave = { height: between(5, 9), length: between(130, 190), start: between(0, 6) }
  const waved = ([x, y]: Point): Point => [x, y + wave.height * Math.sin((x / wave.length) * 2 * Math.PI + wave.start)]

  for (let dot = 0; dot < 60; dot += 1) canvas.stroke([[between(0, WIDTH), between(0, HEIGHT)]], ink(), between(1, 4))
  const slot = (WIDTH - 2 * MARGIN) / text.length
  for (const [index, character] of [...text].entries()) {
    const turn = between(-0.26, 0.26)
    const lean = between(-0.24, 0.24)
    const size = SCALE * between(0.86, 1.12)
    const middle: Point = [MARGIN + slot * (index + 0.5) + between(-8, 8), HEIGHT / 2 + between(-10, 10)]
    const colour = ink()
    const place = ([x, y]: Point): Point => {
      const across = (x - GLYPH_WIDTH / 2 + lean * (GLYPH_HEIGHT / 2 - y)) * size
      const down = (y - GLYPH_HEIGHT / 2) * size
      return waved([
        middle[0] + across * Math.cos(turn) - down * Math.sin(turn),
        middle[1] + across * Math.sin(turn) + down * Math.cos(turn),
      ])
    }
    for (const line of linesOf(character)) canvas.stroke(line.map(place), colour, between(9, 12))
  }
  for (let line = 0; line < 3; line += 1) {
    const points = [0, 1, 2, 3, 4].map((step): Point => [(WIDTH * step) / 4, between(20, HEIGHT - 20)])
    canvas.stroke(points, ink(), between(2, 4))
  }
  return canvas.png()
}
