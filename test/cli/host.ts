/** Runs the command in this process, with streams of its own. */
import { Readable, Writable } from 'node:stream'
import { run } from '../../bin/cli.js'
import type { Host } from '../../bin/host.js'

export interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface Setting {
  readonly stdin?: Uint8Array | string
  readonly env?: Record<string, string>
  /** Which streams are terminals. */
  readonly terminal?: boolean
  readonly platform?: string
}

export const profconv = async (
  args: readonly string[],
  { stdin = '', env = {}, terminal, platform = 'linux' }: Setting = {},
): Promise<Answer> => {
  const collector = (): { stream: Writable & { isTTY?: boolean; columns?: number }; text: () => string } => {
    const chunks: Buffer[] = []
    const stream = new Writable({
      write(chunk, _, done) {
        chunks.push(Buffer.from(chunk))
        done()
      },
    })
    return { stream: Object.assign(stream, { isTTY: terminal }), text: () => Buffer.concat(chunks).toString() }
  }
  const out = collector()
  const err = collector()
  const host: Host = { stdin: Readable.from([Buffer.from(stdin)]), stdout: out.stream, stderr: err.stream, env, platform }
  const start = performance.now()
  const code = await run(args, host)
  return { code, stdout: out.text(), stderr: err.text(), ms: performance.now() - start }
}
