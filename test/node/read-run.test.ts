/** Inputs added up ahead of their turn give, row for row, what adding them one by one gives. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dump } from '../../src/formats/dump/index.js'
import { type Diagnostic, Merger, ProfconvError, type Profile, type ReadResult, write } from '../../src/index.js'
import { type Run, readRun } from '../../src/node/read-run.js'
import { shipProfile, unshipProfile } from '../../src/node/ship.js'
import { arbitraryProfile, type Switches } from '../properties/arbitrary-profile.js'

const text = async (profile: Profile): Promise<string> => {
  const list: Uint8Array[] = []
  for await (const c of (await write([profile], { to: dump, gzip: false })).chunks) list.push(c)
  return Buffer.concat(list).toString('latin1')
}

interface Merged {
  readonly dump: string
  readonly said: readonly string[]
}

/** The result, or what went wrong. */
const outcome = async (add: (merger: Merger) => Promise<void>): Promise<Merged | string> => {
  const said: string[] = []
  const report = (d: Diagnostic): void => void said.push(`${d.code} ${d.message} ${d.count ?? 1}`)
  const merger = new Merger({ report })
  try {
    await add(merger)
    return { dump: await text(merger.finish()), said: [...said].sort() }
  } catch (error) {
    if (error instanceof ProfconvError) return `${error.code} ${error.message}`
    throw error
  }
}

/** As if it came from another thread. */
const sent = (profile: Profile): Profile => {
  const transfer = new Set<ArrayBuffer>()
  return unshipProfile(structuredClone(shipProfile(profile, transfer), { transfer: [...transfer] }))
}

const oneByOne = (inputs: readonly Profile[][]): Promise<Merged | string> =>
  outcome(async (merger) => {
    for (const [i, profiles] of inputs.entries()) for (const p of profiles) merger.add(p, `input ${i}`)
  })

/** Runs of inputs that end before `ends`, or where a sum has so many rows. */
const inRuns = (inputs: readonly Profile[][], ends: readonly number[], large: number): Promise<Merged | string> =>
  outcome(async (merger) => {
    const readOne = async (i: number): Promise<ReadResult> => ({ profiles: inputs[i], format: dump, diagnostics: [] })
    const one = (i: number): void => {
      for (const p of inputs[i]) merger.add(p, `input ${i}`)
    }
    let from = 0
    for (const end of [...ends, inputs.length]) {
      while (from < end) {
        const between = Array.from({ length: end - from }, (_, i) => from + 1 + i).filter((e) => e % 2 === 0 || e === end)
        const { runs, end: stopped } = await readRun(readOne, from, between, true, large)
        for (const run of runs) from = take(run, from)
        expect(from).toBe(stopped)
      }
    }
    function take(run: Run, at: number): number {
      if ('result' in run) {
        for (const p of run.result.profiles) merger.add(sent(p), `input ${at}`)
        return at + 1
      }
      const next = at + run.reads.length
      if (!merger.addPart({ ...run.part, profile: sent(run.part.profile) })) for (let i = at; i < next; i++) one(i)
      return next
    }
  })

const CPU = [
  { name: 'samples', unit: 'count' },
  { name: 'cpu', unit: 'nanoseconds' },
]
const KINDS: Record<string, Partial<Switches>> = {
  'samples of the same types': { evidence: 'samples', valueTypes: CPU, fractions: false },
  'samples of any types': { evidence: 'samples', fractions: false },
  fractions: { evidence: 'samples', valueTypes: CPU },
  'graphs among them': { valueTypes: CPU, fractions: false },
  anything: {},
}

describe.each(Object.entries(KINDS))('%s', (_, switches) => {
  it('as one by one', async () => {
    const input = fc.array(arbitraryProfile(switches), { minLength: 1, maxLength: 2 })
    const lists = fc.array(input, { minLength: 2, maxLength: 7 })
    await fc.assert(
      fc.asyncProperty(lists, fc.array(fc.nat(6), { maxLength: 3 }), fc.constantFrom(1, 10, 1e9), async (inputs, cuts, large) => {
        const ends = [...cuts].sort((a, b) => a - b).filter((c) => c <= inputs.length)
        expect(await inRuns(inputs, ends, large)).toEqual(await oneByOne(inputs))
      }),
      { numRuns: 150 },
    )
  })
})

it('a sum that is large ends with its task', async () => {
  const inputs = fc.sample(arbitraryProfile({ evidence: 'samples', valueTypes: CPU, fractions: false }), 6)
  const readOne = async (i: number): Promise<ReadResult> => ({ profiles: [inputs[i]], format: dump, diagnostics: [] })
  const { runs, end, single } = await readRun(readOne, 0, [2, 4, 6], true, 0)
  expect({ end, single, inputs: runs.map((r) => ('part' in r ? r.part.inputs : 1)) }).toEqual({ end: 2, single: false, inputs: [2] })
  expect(await readRun(readOne, 0, [2, 4, 6], true)).toMatchObject({ end: 6, single: false })
  expect(await readRun(readOne, 0, [2, 4, 6], false)).toMatchObject({ end: 2, single: true })
})

describe('errors', () => {
  const inputs = fc.sample(arbitraryProfile({ evidence: 'samples', valueTypes: CPU, fractions: false }), 5)
  const readOne =
    (broken: number) =>
    async (i: number): Promise<ReadResult> => {
      if (i === broken) throw new ProfconvError('malformed', 'x/y', `input ${i}`)
      return { profiles: [inputs[i]], format: dump, diagnostics: [] }
    }

  it('come after what could be read before them', async () => {
    const { runs, error } = await readRun(readOne(3), 0, [2, 5], true)
    expect(error).toMatchObject({ message: 'input 3' })
    expect(runs.map((r) => ('part' in r ? r.part.inputs : 1))).toEqual([3])
    const whole = await readRun(readOne(3), 1, [5], false)
    expect(whole.error).toMatchObject({ message: 'input 3' })
    expect(whole.runs.map((r) => 'result' in r)).toEqual([true, true])
    expect(await readRun(readOne(0), 0, [5], true)).toMatchObject({ runs: [], error: { message: 'input 0' } })
  })
})
