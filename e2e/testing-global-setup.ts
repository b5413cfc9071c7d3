import type { TestProject } from 'vitest/node'
import { type Ground, layGround } from './ground.ts'

declare module 'vitest' {
  interface ProvidedContext {
    ground: Ground
  }
}

/** One ground for the whole run; every test file has a world of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...ground } = await layGround()
  project.provide('ground', ground)
  return stop
}
