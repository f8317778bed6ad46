/** What a command says about one input, kept for its turn: inputs that are converted in several threads end in any order. */
import { Readable, Writable } from 'node:stream'
import type { Command } from './commands/convert.js'
import { print } from './host.js'
import { Reporter } from './report.js'

/** A call of the reporter, or text for standard output; plain data, so that a thread can send it. */
export type Said =
  | { readonly diagnostic: Parameters<Reporter['diagnostic']> }
  | { readonly losses: Parameters<Reporter['losses']> }
  | { readonly print: string }

/** The same command, but what it says goes into `said`. */
export const recording = (command: Pick<Command, 'args' | 'formats'>, said: Said[]): Command => {
  const stdout = new Writable({
    decodeStrings: false,
    write(chunk, _, done) {
      said.push({ print: String(chunk) })
      done()
    },
  })
  const host = { stdin: Readable.from([]), stdout, stderr: stdout, env: process.env, platform: process.platform }
  return { ...command, host, reporter: new Recorder(host, said) }
}

class Recorder extends Reporter {
  constructor(
    host: Command['host'],
    private readonly said: Said[],
  ) {
    super(host)
  }
  override diagnostic(...call: Parameters<Reporter['diagnostic']>): void {
    this.said.push({ diagnostic: call })
  }
  override losses(...call: Parameters<Reporter['losses']>): void {
    this.said.push({ losses: call })
  }
}

/** Says it. */
export const replay = async (said: readonly Said[], { host, reporter }: Command): Promise<void> => {
  for (const s of said) {
    if ('diagnostic' in s) reporter.diagnostic(...s.diagnostic)
    else if ('losses' in s) reporter.losses(...s.losses)
    else await print(host, s.print)
  }
}
