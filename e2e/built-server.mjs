// The built server as it stands, for processes that are started many times in one run: unlike scripts/start.mjs it
// builds nothing, so that every instance of a world is of the same build.
import { main } from '../server/dist/main.js'

await main(process.env)
