/** Converting several inputs, each to an output of its own, in several threads. */

import { type ShippedError, unshipError } from '../../src/node/ship.js'
import { ProfconvError, type Source } from '../../src/node.js'
import { type Turn, together, type Work } from '../jobs.js'
import type { Progress } from '../progress.js'
import { recording, replay, type Said } from '../recording.js'
import { type Command, convertOne, type Setup } from './convert.js'

/** A task has as many inputs as make this: a message and a claim cost something too. */
const BATCH = 256 << 10

/** Each input to its output. All are tried, and the first failure decides the exit code. */
export const convertAll = async (
  command: Command,
  setup: Setup,
  inputs: Work<Converted>['inputs'],
  progress: Progress,
): Promise<number> => {
  const { reporter } = command
  const here = (i: number): Promise<Converted> => converted(command, setup, progress.watch(inputs[i].source), inputs[i].output!)
  let code = 0
  reporter.holdLosses()
  try {
    await together<Converted>(command, {
      inputs,
      data: { kind: 'convert', args: command.args },
      batch: BATCH,
      shares: false,
      here,
      ahead: async (first, [end]) => {
        const turns: Turn[] = []
        for (let i = first; i < end; i++) turns.push({ value: await here(i), inputs: 1 })
        return { turns, end, single: true }
      },
      take: ({ said, error }: ShippedConverted, i) => {
        progress.took(inputs[i].source)
        return { said, error: error && unshipError(error) }
      },
      each: async ({ said, error }) => {
        await replay(said, command)
        const failed = error === undefined ? 0 : reporter.error(error)
        code ||= failed
        progress.next()
        return true
      },
    })
  } finally {
    reporter.tellLosses()
  }
  return code
}

/** What came of an input, to be said in its turn. */
export interface Converted {
  readonly said: readonly Said[]
  readonly error?: ProfconvError
}

/** The same from another thread. */
export interface ShippedConverted {
  readonly said: readonly Said[]
  readonly error?: ShippedError
}

/** Converts one of several inputs. @throws only what is a bug */
export const converted = async (
  command: Pick<Command, 'args' | 'formats'>,
  setup: Setup,
  source: Source,
  output: string,
): Promise<Converted> => {
  const said: Said[] = []
  try {
    await convertOne(recording(command, said), setup, source, output)
    return { said }
  } catch (error) {
    if (error instanceof ProfconvError) return { said, error }
    throw error
  }
}
