/** What a command needs of its process. `process` fits; tests bring their own. */
import type { Readable, Writable } from 'node:stream'

export type Stream = Writable & { isTTY?: boolean; columns?: number }

export interface Host {
  readonly stdin: Readable & { isTTY?: boolean }
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  /** Told how many bytes are to be read, where that is known, before any is, and of how many inputs. */
  readonly expect?: (bytes: number | undefined, inputs: number) => void
}

/** May this stream get colours? Only a terminal, and https://no-color.org is heard. */
export const hasColour = (stream: Stream, env: Host['env']): boolean => stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'

/** Writes and waits until the stream wants more. @throws the stream's error, EPIPE among them. */
export const writeAll = (stream: Writable, data: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(data, (error) => (error ? reject(error) : resolve()))
  })

/** Writes to standard output. @throws ProfconvError 'io' if it is full, or the closed pipe as it is. */
export const print = async (host: Pick<Host, 'stdout'>, data: string | Uint8Array): Promise<void> => {
  try {
    await writeAll(host.stdout, data)
  } catch (error) {
    if (isClosedPipe(error)) throw error
    const { ioError } = await import('./common.js')
    throw ioError(error, 'standard output')
  }
}

/** Did the reader of our pipe leave (`| head`)? That is no error. */
export const isClosedPipe = (error: unknown): boolean => {
  const code = (error as { code?: string } | null)?.code
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'EOF'
}
