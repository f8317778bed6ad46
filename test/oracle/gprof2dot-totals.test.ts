/** Totals and self values of functions, of every format that gprof2dot reads, against the percentages of its drawings. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { axe } from '../../src/formats/axe/index.js'
import { callgrind } from '../../src/formats/callgrind/index.js'
import { collapsed } from '../../src/formats/collapsed/index.js'
import { dtrace } from '../../src/formats/dtrace/index.js'
import type { Format } from '../../src/formats/format.js'
import { gprof } from '../../src/formats/gprof/index.js'
import { gprof2dotJson } from '../../src/formats/gprof2dot-json/index.js'
import { hprof } from '../../src/formats/hprof/index.js'
import { perf } from '../../src/formats/perf/index.js'
import { pstats } from '../../src/formats/pstats/index.js'
import { sleepy } from '../../src/formats/sleepy/index.js'
import { sysprof } from '../../src/formats/sysprof/index.js'
import { xperf } from '../../src/formats/xperf/index.js'
import type { Profile } from '../../src/model/profile.js'
import { calledGraph, type Drawn, drawnFunctions, errorsOf, type Graph, recursive, sampledGraph } from './gprof2dot-graph.js'
import { CORPUS, Proof, read } from './support.js'

const name = (p: Profile, frame: number): string => {
  const fn = p.frames.function[frame]
  return fn < 0 ? p.frames.address[frame].toString(16) : p.strings.get(p.functions.name[fn])
}
const binary = (p: Profile, frame: number): string =>
  p.frames.mapping[frame] < 0 ? '' : p.strings.get(p.mappings.file[p.frames.mapping[frame]])
/** Values of a type by its name; of the first type where there is none of that name. */
const valuesOf = (p: Profile, type = ''): ((i: number) => number) => {
  const values =
    p.samples!.values[
      Math.max(
        p.valueTypes.findIndex((t) => t.name === type),
        0,
      )
    ]
  return (i) => values[i]
}
const functionName =
  (p: Profile) =>
  (fn: number): string =>
    p.strings.get(p.functions.name[fn])

interface Reader {
  readonly folder: string
  readonly format: Format
  /** What is compared, where that is not the format's own main value. */
  readonly by?: string
  readonly graph: (p: Profile) => Graph
  /** gprof2dot takes totals as they are stated; how much of one may be lost in printing. */
  readonly stated?: number
  /** Why its estimate of a total is off, where no circle is the reason. */
  readonly estimate?: string
  /** The function of a drawn node, where its id does not say it. */
  readonly keyOf?: (drawn: Drawn) => string
  /** Functions that are not comparable. */
  readonly apart?: (p: Profile) => { readonly why: string; readonly keys: ReadonlySet<string> }
  /** Functions whose totals are not, and why. */
  readonly otherwise?: { readonly why: string; readonly of: (g: Graph) => ReadonlySet<string> }
}

const label = (d: Drawn): string => d.lines.at(-1)!
const BEGINS = 'totals of functions that call what also begins stacks'

/** Names that stand for several functions, or for several entries of a report. */
const repeated = (names: readonly string[]): { why: string; keys: Set<string> } => {
  const seen = new Set<string>()
  return { why: 'nodes of several functions with one name', keys: new Set(names.filter((n) => seen.has(n) || !seen.add(n))) }
}

const pstatsName = (p: Profile, fn: number): string => {
  const file = p.strings.get(p.functions.file[fn]).split('/').at(-1)!
  return `${file.replace(/(.)\.[^.]*$/, '$1')}:${Math.max(p.functions.startLine[fn], 0)}:${functionName(p)(fn)}`
}

/** `process!binary!function`, as the table names what a frame runs. */
const xperfName = (p: Profile, frame: number, sample: number): string => {
  const process = p.strings.get(p.threads.process[p.samples!.thread[sample]])
  return `${process}!${binary(p, frame)}!${p.frames.function[frame] < 0 ? '?' : name(p, frame)}`
}

/** Functions of rows that name another one than their stack ends in. */
const namedTwice = (p: Profile): { why: string; keys: Set<string> } => {
  const leaves = p.extras.get('leaves') as readonly (number | undefined)[]
  const keys = new Set<string>()
  leaves.forEach((leaf, i) => {
    if (leaf === undefined) return
    keys.add(xperfName(p, leaf, i))
    keys.add(xperfName(p, p.stacks.frame[p.samples!.stack[i]], i))
  })
  return { why: 'nodes of rows that name another function than their stack', keys }
}

const READERS: Reader[] = [
  {
    folder: 'axe',
    format: axe,
    keyOf: label,
    // Percentages and times are printed with four digits or five.
    stated: 1e-4,
    graph: (p) => calledGraph(p, functionName(p), 0),
    otherwise: { why: 'totals of recursive functions, of which VTune counts the time twice and the percentage once', of: recursive },
    apart: (p) => repeated((p.extras.get('axe') as { entries: [number, string][] }).entries.map(([, text]) => text)),
  },
  {
    folder: 'callgrind',
    format: callgrind,
    estimate: 'totals of functions whose calls do not add up',
    graph: (p) => calledGraph(p, functionName(p), 0),
  },
  {
    folder: 'collapse',
    format: collapsed,
    estimate: BEGINS,
    // "function (file:line)" is a function of a file.
    graph: (p) => sampledGraph(p, { key: (f) => name(p, f).replace(/^(.*) \((.*):\d+\)$/, '$2:$1'), value: valuesOf(p) }),
  },
  {
    folder: 'dtrace',
    format: dtrace,
    estimate: BEGINS,
    graph: (p) => sampledGraph(p, { key: (f) => `${name(p, f)}:${binary(p, f)}`, value: valuesOf(p) }),
  },
  {
    folder: 'hprof',
    format: hprof,
    by: 'by calls, which gprof2dot takes for times',
    estimate: BEGINS,
    graph: (p) => sampledGraph(p, { key: (f) => name(p, f), value: valuesOf(p, 'calls') }),
  },
  {
    folder: 'json',
    format: gprof2dotJson,
    estimate: BEGINS,
    graph: (p) => sampledGraph(p, { key: (f) => `${p.frames.function[f]}`, value: valuesOf(p) }),
  },
  {
    folder: 'perf',
    format: perf,
    by: 'by samples, for gprof2dot has no periods',
    estimate: BEGINS,
    graph: (p) => {
      const unknown = (p.extras.get('perf') as { unknownDso?: string } | undefined)?.unknownDso ?? '[unknown]'
      return sampledGraph(p, { key: (f) => `${name(p, f)}:${p.frames.mapping[f] < 0 ? unknown : binary(p, f)}`, value: () => 1 })
    },
  },
  {
    folder: 'prof',
    format: gprof,
    keyOf: label,
    estimate: 'totals that it estimates from call counts',
    graph: (p) => {
      // What only the flat profile has is not in its graph.
      const indexes = (p.extras.get('gprof') as { indexes: Int32Array }).indexes
      return calledGraph(p, functionName(p), 0, true, (fn) => (indexes[fn] ?? -1) >= 0)
    },
  },
  {
    folder: 'pstats',
    format: pstats,
    keyOf: label,
    stated: 0,
    graph: (p) =>
      calledGraph(
        p,
        (fn) => pstatsName(p, fn),
        p.valueTypes.findIndex((t) => t.unit === 'seconds'),
      ),
  },
  {
    folder: 'sleepy',
    format: sleepy,
    estimate: BEGINS,
    graph: (p) => sampledGraph(p, { key: (f) => `${binary(p, f)}:${name(p, f)}`, value: valuesOf(p) }),
  },
  {
    folder: 'sysprof',
    format: sysprof,
    keyOf: label,
    estimate: 'totals of calls that it sees at the ends of stacks only',
    graph: (p) => sampledGraph(p, { key: (f) => name(p, f), value: valuesOf(p), onlySampled: true }),
    apart: (p) => repeated(Array.from(p.functions.name, (n) => p.strings.get(n))),
  },
  {
    folder: 'xperf',
    format: xperf,
    estimate: 'totals of calls that it weighs by samples, not by time',
    graph: (p) => sampledGraph(p, { key: (f, i) => xperfName(p, f, i), value: valuesOf(p, 'cpu'), weight: valuesOf(p, 'samples') }),
    apart: namedTwice,
  },
]

/** gprof2dot draws a long id as its SHA-1. */
const drawnId = (key: string): string => (key.length > 1024 ? `_${createHash('sha1').update(key).digest('hex')}` : key)

if (CORPUS === undefined) console.warn("SKIPPED: gprof2dot's percentages need PROFCONV_CORPUS")

/** Half of the last digit of a label. */
const HALF = 0.00005

describe.skipIf(CORPUS === undefined).each(READERS)(
  '$folder',
  ({ folder, format, by, graph: graphOf, stated, estimate, keyOf, apart, otherwise }) => {
    const proof = new Proof(`5g totals of ${format.id}${by === undefined ? '' : `, ${by}`}`, "gprof2dot's percentages")
    const dir = join(CORPUS ?? '', 'gprof2dot', folder)
    const inputs = existsSync(dir) ? readdirSync(dir).filter((f) => !f.endsWith('.dot')) : []

    test.each(inputs)('%s', async (input) => {
      const [p] = await read(join(dir, input), [format])
      const graph = graphOf(p)
      const errors = errorsOf(graph)
      const { why = '', keys } = apart?.(p) ?? {}
      const ids = new Map([...graph.functions.keys()].map((key) => [drawnId(key), key]))
      const recurring = otherwise?.of(graph)
      const whole = stated !== undefined ? Math.max(graph.whole, ...[...graph.functions.values()].map((f) => f.total)) : graph.whole
      const wrong: string[] = []

      const compare = (answer: string, counted: boolean): void => {
        for (const drawn of drawnFunctions(readFileSync(answer, 'utf8'))) {
          const key = keyOf?.(drawn) ?? ids.get(drawn.id) ?? drawn.id
          const fn = graph.functions.get(key)
          if (keys?.has(key)) {
            proof.leaveOut(why)
            continue
          }
          if (fn === undefined) {
            wrong.push(`${key}: not in the profile`)
            continue
          }
          if (graph.whole === 0) {
            proof.leaveOut('nodes of a report with no time at all')
            continue
          }
          if (Math.abs(fn.self / graph.whole - drawn.self) <= HALF * 1.001) proof.count()
          else wrong.push(`${key}: ${fn.self / graph.whole} itself, ${drawn.self} drawn`)
          const share = fn.total / whole
          const error = stated !== undefined ? stated * share : counted ? 0 : errors.get(key)!
          if (recurring?.has(key)) proof.leaveOut(otherwise!.why)
          else if (stated === undefined && error > HALF) proof.leaveOut(error === Infinity ? 'totals above a circle of calls' : estimate!)
          else if (Math.abs(share - drawn.total) <= HALF * 1.001 + error) proof.count()
          else wrong.push(`${key}: ${share} in all, ${drawn.total} drawn`)
        }
      }
      const answers = join(CORPUS!, 'gprof2dot-options', folder, input)
      const all = join(answers, 'n0e0.dot')
      compare(existsSync(all) ? all : join(dir, `${input}.dot`), false)
      if (existsSync(join(answers, 'callstacks.dot'))) compare(join(answers, 'callstacks.dot'), true)
      expect(wrong).toEqual([])
    })
  },
)
