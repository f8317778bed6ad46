/** A worker thread of --jobs: reads or converts the inputs that it claims. A module of its own, for that is what a thread starts with. */

import { serve } from '../src/node/crew.js'
import { readRun } from '../src/node/read-run.js'
import { shipError } from '../src/node/ship.js'
import { BUILTIN_FORMATS, type Format, fileSource, type Merger, ProfconvError, type ReadResult, read } from '../src/node.js'
import { listOf } from './arguments.js'
import type { ShippedConverted } from './commands/convert-all.js'
import { doneOf, inputsIn, shipRun, type Tasks, type Turn, type Turns, type WorkerData } from './jobs.js'
import { recording } from './recording.js'

/** As `ahead` of jobs.ts; what it puts into `transfer` changes hands. */
type Some = (from: number, ends: readonly number[], transfer: Set<ArrayBuffer>) => Promise<Turns>

const reading = (formats: readonly Format[], { from, options, add = false }: WorkerData, { inputs }: Tasks): Some => {
  const readOne = (i: number, into?: Merger): Promise<ReadResult> => read(fileSource(inputs[i]), { formats, from, options, into })
  return async (first, ends, transfer) => {
    const { runs, end, single, error } = await readRun(readOne, first, ends, add)
    const turns: Turn[] = runs.map((run) => ({ shipped: shipRun(run, transfer), inputs: inputsIn(run) }))
    if (error instanceof ProfconvError) turns.push({ shippedError: shipError(error), inputs: 1 })
    else if (error !== undefined) throw error
    return { turns, end, single }
  }
}

const converting = async (formats: readonly Format[], { args }: WorkerData, { inputs, outputs }: Tasks): Promise<Some> => {
  const [{ converted }, { setupOf }] = await Promise.all([import('./commands/convert-all.js'), import('./commands/convert.js')])
  const command = { args, formats }
  const setup = setupOf(args, formats, recording(command, []).host)
  return async (first, ends) => {
    const turns: Turn[] = []
    const end = ends[ends.length - 1]
    for (let i = first; i < end; i++) {
      const { said, error } = await converted(command, setup, fileSource(inputs[i]), outputs[i])
      const shipped: ShippedConverted = { said, error: error && shipError(error) }
      turns.push({ shipped, inputs: 1 })
    }
    return { turns, end, single: true }
  }
}

serve<WorkerData, Tasks, Turn[]>(async (data, tasks) => {
  const use = listOf(data.args, 'use')
  const formats = use.length === 0 ? BUILTIN_FORMATS : await (await import('./formats-in-use.js')).formatsInUse(use)
  const some = data.kind === 'read' ? reading(formats, data, tasks) : await converting(formats, data, tasks)
  return async (first, last) => {
    const transfer = new Set<ArrayBuffer>()
    return { ...(await doneOf(tasks.ends, first, last, (from, ends) => some(from, ends, transfer))), transfer }
  }
})
