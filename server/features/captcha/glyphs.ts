export type Point = readonly [x: number, y: number]

/**
 * Strokes of the characters that a picture may show, on a field 10 wide and 14 high. Drawn by hand for this, so that
 * no font is needed and none can be matched. Left out is what people confuse: 5 and S, 8 and B, 0 and O, 1, I and L,
 * 2 and Z, U and V, G and Q, 4 and A.
 */
const STROKES: Readonly<Record<string, string>> = {
  a: '0,14 5,0 10,14 / 2,9 8,9',
  c: '10,3 8,0 3,0 0,4 0,10 3,14 8,14 10,11',
  d: '0,0 0,14 6,14 10,10 10,4 6,0 0,0',
  e: '9,0 0,0 0,14 9,14 / 0,7 7,7',
  f: '9,0 0,0 0,14 / 0,7 7,7',
  h: '0,0 0,14 / 10,0 10,14 / 0,7 10,7',
  j: '3,0 9,0 / 7,0 7,11 5,14 2,14 0,11',
  k: '0,0 0,14 / 9,0 0,8 / 3,6 10,14',
  m: '0,14 0,0 5,9 10,0 10,14',
  n: '0,14 0,0 10,14 10,0',
  p: '0,14 0,0 7,0 10,2 10,6 7,8 0,8',
  r: '0,14 0,0 7,0 10,2 10,5 7,7 0,7 / 5,7 10,14',
  t: '0,0 10,0 / 5,0 5,14',
  w: '0,0 2,14 5,5 8,14 10,0',
  x: '0,0 10,14 / 10,0 0,14',
  y: '0,0 5,7 10,0 / 5,7 5,14',
  '3': '0,2 3,0 7,0 9,3 7,6 4,7 / 4,7 8,8 10,11 7,14 3,14 0,12',
  '6': '9,1 6,0 2,3 0,8 1,12 4,14 8,13 10,10 8,7 4,7 1,10',
  '7': '0,0 10,0 4,14 / 3,7 9,7',
  '8': '5,6 1,4 2,1 5,0 8,1 9,4 5,6 0,9 1,13 5,14 9,13 10,9 5,6',
  '9': '9,4 6,7 2,7 0,4 2,1 6,0 9,2 10,6 8,11 4,14 1,13',
}

export const GLYPH_WIDTH = 10
export const GLYPH_HEIGHT = 14

/** What a text is drawn from; four of them make some 194 000 texts, each good for one guess. */
export const CAPTCHA_ALPHABET = Object.keys(STROKES).sort().join('')

/** The lines of a character. */
export const linesOf = (character: string): Point[][] =>
  (STROKES[character] ?? '').split(' / ').map((line) =>
    line.split(' ').map((point): Point => {
      const [x = 0, y = 0] = point.split(',').map(Number)
      return [x, y]
    }),
  )
