import os from 'node:os'

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  readonly postgres: string
  /** How busy it was with other things before we began, in running processes. */
  readonly load: number
}

export function describeMachine(postgres: string): Machine {
  const [first] = os.cpus()
  return {
    processor: first?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: os.totalmem() / 2 ** 30,
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    postgres,
    load: os.loadavg()[0] ?? 0,
  }
}
