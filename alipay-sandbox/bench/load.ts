import { Agent, request } from 'node:http'

/** Calls per second over so many kept connections, for so many seconds. `call` throws on a wrong answer. */
export async function perSecond(
  seconds: number,
  connections: number,
  call: (post: Post, index: number) => Promise<void>,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const post = poster(agent)
  let next = 0
  let done = 0
  const begun = performance.now()
  const end = begun + seconds * 1000
  const worker = async () => {
    while (performance.now() < end) {
      const index = next
      next += 1
      await call(post, index)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  const perSecond = done / ((performance.now() - begun) / 1000)
  agent.destroy()
  return perSecond
}

export type Post = (url: string, body: string, type: string) => Promise<string>

/** A client that costs little, since it shares the cores with what it measures. */
function poster(agent: Agent): Post {
  return (url, body, type) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) }
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      })
      sent.on('error', reject)
      sent.end(body)
    })
}

/** Milliseconds of the slowest of `times` calls. */
export async function slowest(times: number, call: () => Promise<void>): Promise<number> {
  let most = 0
  for (let count = 0; count < times; count += 1) {
    const begun = performance.now()
    await call()
    most = Math.max(most, performance.now() - begun)
  }
  return most
}
