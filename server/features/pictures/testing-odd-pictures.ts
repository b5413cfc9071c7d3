import { deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** A file that somebody may send, and what must come of it. `drawn` means kept, with nothing left but pixels. */
export interface OddPicture {
  readonly name: string
  readonly bytes: Buffer
  readonly outcome: 'drawn' | 'not_a_picture' | 'broken' | 'too_many_pixels' | 'broken_or_drawn'
}

/** Nothing of these may be found in what is stored. */
export const MARKS = [
  '<script',
  'onerror',
  '<?php',
  'PK\u0003\u0004',
  'GPSLatitude',
  'SECRET-PLACE',
  'MZ\u0090',
  'javascript:',
]

const scene = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 140, b: 90 } } }).composite([
    { input: Buffer.from([20, 60, 120]), raw: { width: 1, height: 1, channels: 3 }, tile: false, top: 0, left: 0 },
  ])

export const jpeg = (width = 64, height = 48): Promise<Buffer> => scene(width, height).jpeg().toBuffer()
export const png = (width = 64, height = 48): Promise<Buffer> => scene(width, height).png().toBuffer()
export const webp = (width = 64, height = 48): Promise<Buffer> => scene(width, height).webp().toBuffer()

/** A JPEG that says where it was taken, which way the camera was held, and more. */
export const jpegWithPlace = (orientation = 1): Promise<Buffer> =>
  scene(90, 60)
    .withExif({
      IFD0: { Copyright: 'SECRET-PLACE', ImageDescription: '<script>alert(1)</script>' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '39/1 54/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '116/1 23/1 0/1' },
    })
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer()

const CRC = Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})
const crcOf = (bytes: Buffer): number => {
  let sum = 0xffffffff
  for (const byte of bytes) sum = (CRC[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8)
  return (sum ^ 0xffffffff) >>> 0
}
const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crcOf(body))
  return Buffer.concat([size, body, sum])
}
const PNG_HEAD = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A PNG of one bit a pixel whose header says `width` × `height`; black, so that it weighs next to nothing. */
export function pngBomb(width: number, height: number, { rows = height } = {}): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([1, 0, 0, 0, 0], 8)
  const line = 1 + Math.ceil(width / 8)
  return Buffer.concat([
    PNG_HEAD,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(line * rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const withChunk = (picture: Buffer, type: string, data: Buffer): Buffer =>
  Buffer.concat([picture.subarray(0, 33), chunk(type, data), picture.subarray(33)])

/** The segment of a JPEG with `marker`, put right behind its start. */
const withSegment = (picture: Buffer, marker: number, data: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([picture.subarray(0, 2), head, data, picture.subarray(2)])
}

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>'
const HTML = '<!doctype html><script>alert(1)</script><img src=x onerror=alert(1)>'
const PHP = '<?php system($_GET["c"]); ?>'

/** Everything that people with bad luck or bad intent have sent to places like this. */
export async function oddPictures(): Promise<OddPicture[]> {
  const [j, p, w] = await Promise.all([jpeg(), png(), webp()])
  const place = await jpegWithPlace()
  const text = (content: string) => Buffer.from(content, 'utf8')
  const refused = (name: string, bytes: Buffer): OddPicture => ({ name, bytes, outcome: 'not_a_picture' })
  const drawn = (name: string, bytes: Buffer): OddPicture => ({ name, bytes, outcome: 'drawn' })
  const broken = (name: string, bytes: Buffer): OddPicture => ({ name, bytes, outcome: 'broken' })
  const either = (name: string, bytes: Buffer): OddPicture => ({ name, bytes, outcome: 'broken_or_drawn' })
  const large = (name: string, bytes: Buffer): OddPicture => ({ name, bytes, outcome: 'too_many_pixels' })
  const behind = (tail: string) =>
    [
      ['JPEG', j],
      ['PNG', p],
      ['WebP', w],
    ].map(([kind, picture]) =>
      drawn(`a ${kind} with ${tail.slice(0, 12)} behind it`, Buffer.concat([picture as Buffer, text(tail)])),
    )
  const inside = (content: string): OddPicture[] => [
    drawn(`a JPEG with ${content.slice(0, 12)} as its comment`, withSegment(j, 0xfe, text(content))),
    drawn(`a JPEG with ${content.slice(0, 12)} as its Exif`, withSegment(j, 0xe1, text(`Exif\0\0${content}`))),
    drawn(`a PNG with ${content.slice(0, 12)} as text`, withChunk(p, 'tEXt', text(`Comment\0${content}`))),
    drawn(`a PNG with ${content.slice(0, 12)} in a chunk of its own`, withChunk(p, 'prVt', text(content))),
  ]
  const cut = (kind: string, picture: Buffer) =>
    [0.25, 0.5, 0.75].map((part) =>
      either(`${Math.round(part * 100)} % of a ${kind}`, picture.subarray(0, Math.floor(picture.length * part))),
    )
  const turned = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (way) =>
      drawn(`a JPEG held the ${way}. way, with its place`, await jpegWithPlace(way)),
    ),
  )
  return [
    refused('nothing at all', Buffer.alloc(0)),
    refused('one byte', Buffer.from([0xff])),
    refused('zeroes', Buffer.alloc(4_096)),
    refused('an SVG with a script', text(SVG)),
    refused('an SVG behind a declaration', text(`<?xml version="1.0"?>${SVG}`)),
    refused('an SVG with a byte order mark', text(`\uFEFF${SVG}`)),
    refused('HTML named .jpg', text(HTML)),
    refused('PHP named .png', text(PHP)),
    refused('a script', text('javascript:alert(1)')),
    refused('a shell script', text('#!/bin/sh\nrm -rf /')),
    refused('a Windows program', Buffer.concat([text('MZ'), Buffer.alloc(200, 0x90)])),
    refused('a Linux program', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(200)])),
    refused('a zip', Buffer.concat([text('PK\u0003\u0004'), Buffer.alloc(100)])),
    refused('a PDF', text('%PDF-1.7\n/JS (app.alert(1))')),
    refused('PostScript', text('%!PS-Adobe-3.0\n(secret) run')),
    refused('an MVG drawing', text('push graphic-context\nfill url(https://example.com/x")\npop graphic-context')),
    refused('a GIF', await scene(16, 16).gif().toBuffer()),
    refused('a GIF that is a script', text('GIF89a/*<script>*/=1;alert(1)')),
    refused('a TIFF', await scene(16, 16).tiff().toBuffer()),
    refused('an AVIF', await scene(16, 16).avif({ effort: 0 }).toBuffer()),
    refused('a BMP', Buffer.concat([text('BM'), Buffer.alloc(60)])),
    refused('an icon', Buffer.concat([Buffer.from([0, 0, 1, 0]), Buffer.alloc(60)])),
    refused('a JPEG with a byte before it', Buffer.concat([Buffer.from([0]), j])),
    refused('a PNG with a script before it', Buffer.concat([text('<script>'), p])),
    refused('a WAV, which begins like a WebP', text('RIFF\0\0\0\0WAVEfmt ')),
    refused('a JPEG turned round', Buffer.from(j).reverse()),
    broken('a JPEG of three bytes', Buffer.from([0xff, 0xd8, 0xff])),
    broken('a PNG of its head alone', PNG_HEAD),
    broken('a WebP of its head alone', text('RIFF\0\0\0\0WEBP')),
    broken('a JPEG head before HTML', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), text(HTML)])),
    broken('a PNG head before PHP', Buffer.concat([PNG_HEAD, text(PHP)])),
    broken('a WebP head before an SVG', Buffer.concat([text('RIFF\0\0\0\0WEBP'), text(SVG)])),
    broken('a PNG of no width', pngBomb(0, 10)),
    broken('a PNG whose rows are missing', pngBomb(2_000, 2_000, { rows: 2 })),
    large('a PNG of 30000 × 30000', pngBomb(30_000, 30_000, { rows: 300 })),
    large('a PNG of 6400 × 6400', pngBomb(6_400, 6_400)),
    large('a PNG of 40001 × 1000', pngBomb(40_001, 1_000)),
    {
      name: 'a PNG that claims 2³¹ − 1 each way',
      bytes: pngBomb(2_147_483_647, 2_147_483_647, { rows: 0 }),
      outcome: 'broken_or_drawn',
    },
    drawn('a PNG of 40 megapixels', pngBomb(8_000, 5_000)),
    drawn('a PNG of one pixel', await png(1, 1)),
    drawn('a PNG of 1 × 4000', await png(1, 4_000)),
    drawn('a JPEG of 4000 × 2', await jpeg(4_000, 2)),
    drawn(
      'a PNG one can see through',
      await sharp({ create: { width: 30, height: 20, channels: 4, background: '#ff000000' } })
        .png()
        .toBuffer(),
    ),
    drawn('a grey JPEG', await scene(40, 40).greyscale().jpeg().toBuffer()),
    drawn('a JPEG for printers', await scene(40, 40).toColourspace('cmyk').jpeg().toBuffer()),
    drawn('a PNG of 16 bits', await scene(40, 40).toColourspace('rgb16').png().toBuffer()),
    drawn('a PNG with a palette', await scene(40, 40).png({ palette: true }).toBuffer()),
    drawn('a progressive JPEG', await scene(400, 300).jpeg({ progressive: true }).toBuffer()),
    drawn('a lossless WebP', await scene(40, 40).webp({ lossless: true }).toBuffer()),
    drawn('a JPEG with its place', place),
    drawn('a JPEG that is a program too', withSegment(j, 0xe2, Buffer.concat([text('MZ\u0090'), Buffer.alloc(60)]))),
    either(
      'a PNG whose text explodes',
      withChunk(p, 'zTXt', Buffer.concat([text('x\0\0'), deflateSync(Buffer.alloc(8_000_000))])),
    ),
    either(
      'a PNG whose colour profile is junk',
      withChunk(p, 'iCCP', Buffer.concat([text('x\0\0'), deflateSync(Buffer.alloc(4_000))])),
    ),
    ...turned,
    ...behind(HTML),
    ...behind(PHP),
    ...behind('PK\u0003\u0004 a zip'),
    ...inside(HTML),
    ...inside(PHP),
    ...inside(SVG),
    ...cut('JPEG', await jpeg(400, 300)),
    ...cut('PNG', await png(400, 300)),
    ...cut('WebP', await webp(400, 300)),
  ]
}
