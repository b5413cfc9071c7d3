import { CommandFailed } from './command.ts'

interface Wanted {
  readonly host: string
  readonly port: number
  readonly dataDir?: string
}

/** Says what to do about the usual reasons why a sandbox does not start; any other error is given back as it is. */
export function startProblem(error: unknown, { host, port, dataDir }: Wanted): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const { code } = error
  const because = (text: string) => new CommandFailed(text, { cause: error })
  if ('syscall' in error && error.syscall === 'listen') {
    if (code === 'EADDRINUSE')
      return because(
        `port ${'port' in error ? error.port : port} is taken, perhaps by another alipay-sandbox; choose another with --port, --port 0 takes a free one`,
      )
    if (code === 'EACCES') return because(`port ${port} may not be listened on by this user; choose one above 1023`)
    return because(`${host} cannot be listened on: ${error.message}`)
  }
  if (dataDir === undefined) return error
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return because(`${dataDir} cannot be written; choose another directory with --data, or keep nothing with --memory`)
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return because(`${dataDir} is not a directory; choose another with --data`)
  if (code === 'ENOSPC') return because(`the disk of ${dataDir} is full`)
  return error
}
