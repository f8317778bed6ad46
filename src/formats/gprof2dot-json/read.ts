/**
 * gprof2dot's JSON → profile. https://github.com/jrfonseca/gprof2dot/blob/main/schema.json
 *
 *    { "version": 0, "costs": [{ "description": "Memory", "unit": "bytes" }], "functions": [{ "name": "f", "module": "m" }],
 *      "events": [{ "callchain": [0, 1], "cost": [42] }] }            a chain is callee first, of indexes into functions
 *
 * Trap: keys come in any order, and writers put the events before the functions they refer to. So events are kept as
 * numbers until the end: some bytes each, whatever the size of the file.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import { enlarged } from '../../model/interner.js'
import type { Profile, ValueType } from '../../model/profile.js'
import type { Context, Read } from '../format.js'

const VERSION = 0

export const read: Read = async (input, ctx) => {
  const file = new File(ctx)
  await readJson(input, file.shape, { code: 'gprof2dot-json' })
  return [file.profile()]
}

interface Func {
  readonly name: string
  readonly module: string | undefined
  readonly process: string | undefined
}

/** A list of numbers that grows. */
class Numbers {
  length = 0
  private values = new Int32Array(1024)

  push(v: number): void {
    if (this.length === this.values.length) this.values = enlarged(this.values, this.length * 2)
    this.values[this.length++] = v
  }

  at(i: number): number {
    return this.values[i]
  }
}

class File {
  readonly shape: Shape
  private costs: ValueType[] | undefined
  private functions: Func[] | undefined
  private events = 0
  /** Indexes of all chains end to end, and where each ends; the same of costs. */
  private readonly chains = new Numbers()
  private readonly chainEnds = new Numbers()
  private readonly values: number[] = []
  private readonly rests: number[] = []
  private readonly valueEnds = new Numbers()

  constructor(private readonly ctx: Context) {
    this.shape = json.object({
      version: json.value((v) => {
        if (v !== VERSION) this.warn('version', `version ${JSON.stringify(v)}; ${VERSION} is the one that is known`)
      }),
      costs: json.array(
        json.value((v) => this.costs!.push(costOf(v, this.costs!.length))),
        { start: () => (this.costs = []) },
      ),
      functions: json.array(
        json.value((v, at) => this.functions!.push(functionOf(v, at))),
        { start: () => (this.functions = []) },
      ),
      events: json.array(
        json.object(
          {
            callchain: json.numbers((v) => this.chains.push(Number.isInteger(v) && Math.abs(v) <= 0x7fffffff ? v : -1)),
            cost: json.numbers((v, rest) => {
              this.values.push(v)
              this.rests.push(rest)
            }),
          },
          {
            end: () => {
              this.events++
              this.chainEnds.push(this.chains.length)
              this.valueEnds.push(this.values.length)
            },
          },
        ),
      ),
    })
  }

  profile(): Profile {
    const { costs, functions } = this
    if (costs === undefined || costs.length === 0) throw missing('costs', 'a list of what is counted: [{"description": "Samples"}]')
    if (functions === undefined) throw missing('functions', 'a list of functions')
    if (this.events === 0 && functions.length > 0) {
      throw new ProfconvError('empty', 'gprof2dot-json/empty', `it has ${functions.length} functions and no events`, {
        expected: 'events with a callchain',
      })
    }
    if (this.events === 0) this.warn('no-events', 'it says that nothing was measured')
    const builder = new ProfileBuilder(costs)
    builder.expect('samples')
    // All of them, so that a function has the number that the file gives it.
    const frames = functions.map(({ name, module }) => {
      const mapping = module === undefined ? -1 : builder.mapping(0n, 0n, 0n, builder.str(module), -1, 0)
      return builder.frame(builder.func(builder.str(name), -1, -1, -1, -1, mapping), -1, -1, -1, mapping)
    })
    for (let e = 0, from = 0, first = 0; e < this.events; e++) {
      const to = this.chainEnds.at(e)
      const last = this.valueEnds.at(e)
      let stack = -1
      for (let i = to - 1; i >= from; i--) {
        const frame = frames[this.chains.at(i)]
        if (frame === undefined) {
          throw malformed('gprof2dot-json/index', `event ${e} calls function ${this.chains.at(i)}`, {
            expected: `an index from 0 to ${functions.length - 1}`,
          })
        }
        stack = builder.stack(stack, frame)
      }
      if (last - first !== costs.length) this.warn('costs', `event ${e} has ${last - first} costs, the file ${costs.length}`)
      const process = to > from ? functions[this.chains.at(from)].process : undefined
      const row = builder.addSample(stack, process === undefined ? -1 : builder.thread(-1, NaN, NaN, builder.str(process)))
      for (let k = 0; k < costs.length && first + k < last; k++) builder.value(row, k, this.values[first + k], this.rests[first + k])
      from = to
      first = last
    }
    return builder.finish()
  }

  private warn(what: string, message: string): void {
    this.ctx.report({ severity: 'warning', code: `gprof2dot-json/${what}`, message })
  }
}

const missing = (key: string, expected: string): ProfconvError => malformed(`gprof2dot-json/${key}`, `there is no "${key}"`, { expected })

const record = (v: unknown): Record<string, unknown> | undefined =>
  typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Record<string, unknown>) : undefined

const text = (v: unknown): string | undefined => (typeof v === 'string' ? v : undefined)

const costOf = (v: unknown, index: number): ValueType => {
  const cost = record(v)
  return { name: text(cost?.['description']) ?? `cost${index}`, unit: text(cost?.['unit']) ?? 'count' }
}

const functionOf = (v: unknown, at: number): Func => {
  const f = record(v)
  const name = text(f?.['name'])
  if (name === undefined)
    throw malformed('gprof2dot-json/function', 'a function without a name', { at: { byte: at }, expected: '{"name": "…"}' })
  return { name, module: text(f!['module']), process: text(f!['process']) }
}
