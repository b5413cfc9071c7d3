import { startEmbeddedPostgres } from './embedded-postgres.ts'

// A program that starts the database and then lives until it is killed; told its folder on the command line.
const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', fsync: false })
process.send?.({ port: postgres.port })
setInterval(() => undefined, 60_000)
