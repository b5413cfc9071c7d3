// The one start command: builds what is stale, then runs the server in this process, so that signals reach it.
import { build } from './build.mjs'

build()
const { main } = await import('../server/dist/main.js')
await main(process.env)
