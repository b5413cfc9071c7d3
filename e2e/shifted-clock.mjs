// Loaded before a server under test: moves the process clock from outside, as an operator's or a simulator's tool would.
// The server knows nothing of it. The parent sends `{ offsetMs }`; the answer is sent when it is in force.
const RealDate = Date
let offsetMs = Number(process.env.CLOCK_OFFSET_MS ?? 0)

globalThis.Date = class extends RealDate {
  constructor(...words) {
    if (words.length === 0) super(RealDate.now() + offsetMs)
    else super(...words)
  }

  static now() {
    return RealDate.now() + offsetMs
  }
}

process.on('message', (message) => {
  if (typeof message?.offsetMs !== 'number') return
  offsetMs = message.offsetMs
  process.send?.({ offsetMs })
})
process.channel?.unref()
