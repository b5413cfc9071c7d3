import type { TestProject } from 'vitest/node'
import { startTestServer, type TestServer } from './test-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: TestServer
  }
}

/** One database server for the whole run; every test file clones its own database from the template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...server } = await startTestServer()
  project.provide('databaseServer', server)
  return stop
}
