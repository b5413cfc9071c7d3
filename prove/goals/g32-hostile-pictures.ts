import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { World } from '@ihome/e2e/world'
import { MARKS, oddPictures } from '@ihome/server/features/pictures/testing-odd-pictures'
import sharp from 'sharp'
import { type Answer, API } from '../asker.ts'
import { addCustomers, type Person, startWatchedWorld } from '../cast.ts'
import { percentile } from '../crowd.ts'
import type { Goal } from '../goal.ts'

const LEAST_PICTURES = 80
const MOST_MS = 2_000
const MOST_GROWTH = 200 * 1_024 * 1_024
const HEADS = { '.webp': 'RIFF', '.avif': 'ftyp' } as const

/** What a refusal may be called: by its kind, or by its size. */
const REFUSALS = ['file_invalid', 'body_too_large', 'input_invalid']

/** G32: whatever is sent as a picture is refused, or drawn anew until nothing but pixels is left. */
export const g32: Goal = {
  id: 'G32',
  title: 'Hostile and odd pictures',
  release: 2,
  needsShop: true,
  async prove({ random }) {
    const uploadDir = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-pictures-'))
    const { world } = await startWatchedWorld({ env: { PHOTOS_PER_HOUSE: '1000', UPLOAD_DIR: uploadDir } })
    try {
      const { hostX, houses } = await addCustomers(world)
      const pictures = [
        ...(await oddPictures()),
        { name: 'a picture of 20 MB', bytes: Buffer.alloc(20_000_000, 0xff), outcome: 'not_a_picture' as const },
      ]
      const broken: string[] = []
      const times: number[] = []
      let kept = 0
      let growth = 0
      for (const { name, bytes, outcome } of random.shuffle(pictures)) {
        const before = await peakOf(world)
        let { answer, ms } = await timed(() => send(hostX, houses[0], bytes))
        // A slow moment of the machine is not the picture's doing; what is slow twice is.
        if (ms > MOST_MS) ({ answer, ms } = await timed(() => send(hostX, houses[0], bytes)))
        times.push(ms)
        growth = Math.max(growth, (await peakOf(world)) - before)
        if (ms > MOST_MS) broken.push(`G32 ${name} took ${ms.toFixed(0)} ms`)
        const isKept = answer.status === 201
        if (isKept) kept += 1
        else if (!REFUSALS.includes(answer.problem ?? ''))
          broken.push(`G32 ${name}: ${answer.status} ${answer.problem}`)
        if (outcome !== 'broken_or_drawn' && isKept !== (outcome === 'drawn'))
          broken.push(`G32 ${name}: ${answer.status}, although it is ${outcome}`)
      }
      if (growth > MOST_GROWTH) broken.push(`G32 the process grew by ${growth} bytes for one picture`)
      if (pictures.length < LEAST_PICTURES) broken.push(`G32 there are ${pictures.length} pictures only`)
      const stored = await judgeStored(uploadDir)
      broken.push(...stored.broken)
      return {
        counts: {
          pictures: pictures.length,
          kept,
          files: stored.files,
          unsafe: stored.broken.length,
          max_ms: percentile(times, 1).toFixed(0),
          growth_mb: (growth / 1_048_576).toFixed(0),
        },
        broken,
      }
    } finally {
      await world.stop()
      await fs.rm(uploadDir, { recursive: true, force: true })
    }
  },
}

async function timed(work: () => Promise<Answer>): Promise<{ readonly answer: Answer; readonly ms: number }> {
  const begun = performance.now()
  const answer = await work()
  return { answer, ms: performance.now() - begun }
}

/** Named and labelled as what it is not, as those do who mean harm. */
function send(host: Person, houseId: number, bytes: Buffer): Promise<Answer> {
  const parts = new FormData()
  parts.set('house_id', String(houseId))
  parts.set('house_image', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), '../../holiday.jpg')
  return host.ask('POST', `${API}/house/image`, { parts })
}

/** The most memory that the server ever had, in bytes; elsewhere than on Linux nothing tells. */
async function peakOf({ servers: [server] }: World): Promise<number> {
  const status = await fs.readFile(`/proc/${server?.pid}/status`, 'utf8').catch(() => '')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024
}

// The shop's own code, which other goals load into this process, blocks what no upload may be; what it stores, may.
sharp.unblock({ operation: ['VipsForeignLoadHeifBuffer'] })

/** Every stored file: is a picture of the kind that its name says, and holds nothing of what was sent but pixels. */
async function judgeStored(uploadDir: string) {
  const names = await fs.readdir(uploadDir)
  const broken: string[] = []
  for (const name of names) {
    const bytes = await fs.readFile(path.join(uploadDir, name))
    const head = HEADS[path.extname(name) as keyof typeof HEADS]
    if (head === undefined || !bytes.subarray(0, 16).includes(head)) broken.push(`G32 ${name} is not what it is called`)
    const read = await sharp(bytes)
      .metadata()
      .catch(() => undefined)
    if (read === undefined) broken.push(`G32 ${name} (${bytes.length} bytes) cannot be read as a picture`)
    else if (read.exif || read.xmp || read.iptc || read.icc) broken.push(`G32 ${name} holds more than pixels`)
    for (const mark of MARKS) if (bytes.includes(mark)) broken.push(`G32 ${name} holds ${mark}`)
  }
  return { files: names.length, broken }
}
