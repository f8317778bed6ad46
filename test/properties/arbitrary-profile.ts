/**
 * A fast-check arbitrary for whole profiles: both kinds of evidence, every column of the schema, and names that break
 * careless code. Made in two steps, a plain specification (which shrinks well) and a build through ProfileBuilder.
 *
 * Generated profiles keep the conventions of profile.ts: an inlined frame stands above the physical frame it was inlined
 * into, with its address and mapping; timed profiles have a time unit; addresses lie in their binary. Fractions are
 * sixteenths of moderate size, so that sums of them are exact in any order; big integers and fractions never share
 * a profile. Switch off what a test cannot use.
 */
import fc from 'fast-check'
import { ProfileBuilder } from '../../src/model/builder.js'
import { dumpText } from '../../src/model/dump.js'
import { hiOf, restOf } from '../../src/model/exact.js'
import type { Profile, ProfileMeta, ValueType } from '../../src/model/profile.js'

// The same cases every time, so that a failure is a change; PROFCONV_SEED=n looks at others.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PROFCONV_SEED ?? 1) })

export interface Switches {
  readonly evidence: 'samples' | 'graph' | 'both' | 'any'
  /** `plain`: short ASCII words. `text`: any well-formed text of printable characters. `any`: anything, bytes that are not UTF-8 included. */
  readonly names: 'plain' | 'text' | 'any'
  /** Exactly these value types; otherwise one to three with distinct names. */
  readonly valueTypes: readonly ValueType[] | undefined
  /** Rows of each kind, roughly. */
  readonly size: number
  readonly meta: boolean
  readonly times: boolean
  readonly threads: boolean
  readonly labels: boolean
  readonly mappings: boolean
  readonly addresses: boolean
  readonly inlining: boolean
  readonly frameKinds: boolean
  readonly lines: boolean
  readonly columns: boolean
  readonly startLines: boolean
  readonly files: boolean
  readonly fileOverrides: boolean
  readonly systemNames: boolean
  readonly functionMappings: boolean
  /** Frames without a function. */
  readonly bareAddresses: boolean
  /** Samples without a stack. */
  readonly emptyStacks: boolean
  readonly lineTicks: boolean
  readonly jumps: boolean
  readonly totals: boolean
  readonly counts: boolean
  readonly primitiveCounts: boolean
  readonly edgeSelf: boolean
  readonly bigIntegers: boolean
  readonly negativeValues: boolean
  readonly fractions: boolean
  /** NaN among inclusive values. */
  readonly unmeasured: boolean
}

const EVERYTHING: Switches = {
  evidence: 'any',
  names: 'any',
  valueTypes: undefined,
  size: 8,
  meta: true,
  times: true,
  threads: true,
  labels: true,
  mappings: true,
  addresses: true,
  inlining: true,
  frameKinds: true,
  lines: true,
  columns: true,
  startLines: true,
  files: true,
  fileOverrides: true,
  systemNames: true,
  functionMappings: true,
  bareAddresses: true,
  emptyStacks: true,
  lineTicks: true,
  jumps: true,
  totals: true,
  counts: true,
  primitiveCounts: true,
  edgeSelf: true,
  bigIntegers: true,
  negativeValues: true,
  fractions: true,
  unmeasured: true,
}

/** All that can be switched off is off: samples of plain names with small natural values. */
export const PLAIN: Switches = {
  ...(Object.fromEntries(Object.entries(EVERYTHING).map(([k, v]) => [k, v === true ? false : v])) as unknown as Switches),
  evidence: 'samples',
  names: 'plain',
}

export type Name = string | Uint8Array

const TRAPS: readonly string[] = [
  '__proto__',
  'constructor',
  'a;b',
  'a b 3',
  'two\nlines',
  'fn=(1) x',
  '"quoted" \\back',
  "it's",
  '(root)',
  '[unknown]',
  'std::map<int, char>::at(int) const',
  'größe',
  '𝒳',
  '\ufeffbom',
  '\0nul',
  '<b>&amp;',
  '日本語',
  'a\r\nb',
  'C:\\dir\\file.c',
  '/usr/lib/x.so',
]

/** Any JavaScript string, lone surrogates included. */
export const anyString = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('', ...TRAPS) },
    { weight: 4, arbitrary: fc.string({ maxLength: 8 }) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
    { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((c) => String.fromCharCode(...c)) },
    { weight: 1, arbitrary: fc.constantFrom('\ud800', 'x\udc00y', '\udfff\ud800') },
  )

export const plainWord = (): fc.Arbitrary<string> =>
  fc.constantFrom('main', 'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'run', 'visit', 'eval')

const printableText = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(...TRAPS.filter((t) => !/[\0-\x1f\ufeff]/.test(t))),
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
  )

const nameArbitrary = (kind: Switches['names']): fc.Arbitrary<Name> =>
  kind === 'plain'
    ? plainWord()
    : kind === 'text'
      ? printableText()
      : fc.oneof({ weight: 6, arbitrary: anyString() as fc.Arbitrary<Name> }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }) })

const UNITS = ['count', 'nanoseconds', 'microseconds', 'milliseconds', 'seconds', 'bytes', 'kilobytes', '', 'pages', 'Ir']

/** A number as it is put into a column: an exact integer, a fraction, or NaN. */
type Amount = bigint | number

const amounts = (s: Switches, fractional: boolean): fc.Arbitrary<bigint | number> => {
  const least = s.negativeValues ? -1 : 0
  const choices: fc.Arbitrary<bigint | number>[] = [fc.bigInt(BigInt(least * 20), 100n), fc.bigInt(BigInt(least * 2 ** 40), 2n ** 41n)]
  if (fractional) choices.push(fc.integer({ min: least * 2 ** 20, max: 2 ** 24 }).map((n) => n / 16))
  else if (s.bigIntegers) choices.push(fc.bigInt(BigInt(least) * 2n ** 62n, 2n ** 62n), fc.bigInt(2n ** 53n, 2n ** 53n + 9n))
  return fc.oneof(...choices)
}

const switched = <T>(on: boolean, arbitrary: fc.Arbitrary<T>, off: T): fc.Arbitrary<T> => (on ? arbitrary : fc.constant(off))
const maybe = <T>(on: boolean, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  on ? fc.option(arbitrary, { nil: undefined, freq: 2 }) : fc.constant(undefined)

/** Any index; brought into range when the tables are known. */
const pick = (): fc.Arbitrary<number> => fc.nat(1 << 16)
const optPick = (on: boolean): fc.Arbitrary<number> =>
  on ? fc.oneof({ weight: 2, arbitrary: pick() }, { weight: 1, arbitrary: fc.constant(-1) }) : fc.constant(-1)
const line = (on: boolean): fc.Arbitrary<number> =>
  on ? fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(-1, 1_000_000)) : fc.constant(-1)

const metaArbitrary = (valueTypes: readonly ValueType[]): fc.Arbitrary<ProfileMeta> =>
  fc.record(
    {
      producer: fc.constantFrom('perf 6.1', 'cProfile', 'callgrind-3.19.0'),
      command: fc.constantFrom('./stock', 'python x.py --flag "a b"'),
      name: fc.constantFrom('CPU', 'part 2'),
      timeNanos: fc.bigInt(1n, 2n ** 62n),
      durationNanos: fc.bigInt(0n, 2n ** 60n),
      period: fc.bigInt(1n, 2n ** 60n),
      periodType: fc.record({ name: fc.constantFrom('cpu', 'space'), unit: fc.constantFrom('nanoseconds', 'bytes') }),
      defaultValueType: fc.constantFrom(...valueTypes.map((t) => t.name)),
      comments: fc.uniqueArray(fc.constantFrom('first', 'second: 2', 'größe'), { minLength: 1, maxLength: 3 }),
      docUrl: fc.constantFrom('https://example.org/doc'),
      dropFrames: fc.constantFrom('^runtime\\.'),
      keepFrames: fc.constantFrom('main'),
      pid: fc.nat(70_000),
    },
    { requiredKeys: [] },
  )

/** What a profile is made of, as plain data. */
const specArbitrary = (s: Switches, valueTypes: readonly ValueType[], fractional: boolean, hasSamples: boolean, hasGraph: boolean) => {
  const n = s.size
  const amount: fc.Arbitrary<Amount> = amounts(s, fractional)
  const row = fc.array(amount, { minLength: valueTypes.length, maxLength: valueTypes.length })
  const inclusive: fc.Arbitrary<Amount> = s.unmeasured
    ? fc.oneof({ weight: 4, arbitrary: amount }, { weight: 1, arbitrary: fc.constant(NaN) })
    : amount
  const inclusiveRow = fc.array(inclusive, { minLength: valueTypes.length, maxLength: valueTypes.length })
  const natural: fc.Arbitrary<Amount> = fc.oneof(
    fc.bigInt(1n, 50n),
    switched(s.bigIntegers && !fractional, fc.bigInt(2n ** 53n, 2n ** 60n), 3n),
  )
  const count = (on: boolean): fc.Arbitrary<Amount> =>
    on ? fc.oneof({ weight: 3, arbitrary: natural }, { weight: 1, arbitrary: fc.constant(NaN) }) : fc.constant(NaN)
  const list = <T>(on: boolean, item: fc.Arbitrary<T>, max = n, min = 0): fc.Arbitrary<T[]> =>
    on ? fc.array(item, { minLength: min, maxLength: Math.max(max, min), size: 'max' }) : fc.constant([])
  const frame = fc.record({
    fn: switched(s.bareAddresses, optPick(true), 1).chain((v) => (v < 0 ? fc.constant(-1) : pick())),
    line: line(s.lines),
    column: line(s.columns && s.lines),
    file: optPick(s.fileOverrides),
    kind: switched(s.frameKinds, fc.integer({ min: 0, max: 5 }), 0),
  })
  return fc.record({
    names: fc.array(nameArbitrary(s.names), { minLength: 1, maxLength: n }),
    files: fc.array(nameArbitrary(s.names), { minLength: 1, maxLength: 3 }),
    meta: switched(s.meta, metaArbitrary(valueTypes), {} as ProfileMeta),
    mappings: list(
      s.mappings,
      fc.record({
        start: fc.bigInt(0n, 2n ** 20n).map((v) => v * 4096n + 0x400000n),
        high: fc.boolean(),
        pages: fc.bigInt(1n, 4n),
        offset: fc.constantFrom(0n, 4096n, 2n ** 60n),
        file: optPick(true),
        buildId: fc.constantFrom('', '', 'abc123', 'ffff'),
        flags: fc.integer({ min: 0, max: 15 }),
      }),
      3,
    ),
    functions: list(
      true,
      fc.record({
        name: pick(),
        file: optPick(s.files),
        startLine: line(s.startLines),
        startColumn: line(s.columns && s.startLines),
        systemName: optPick(s.systemNames),
        mapping: optPick(s.mappings && s.functionMappings),
      }),
      n,
      1,
    ),
    /** A physical frame, and what was inlined into it, outermost first. */
    locations: list(
      true,
      fc.record({
        mapping: optPick(s.mappings),
        offset: fc.bigInt(0n, 16383n),
        far: fc.bigInt(1n, 2n ** 64n - 1n),
        addressed: switched(s.addresses, fc.boolean(), false),
        frames: fc.array(frame, { minLength: 1, maxLength: s.inlining ? 3 : 1 }),
      }),
      n,
      1,
    ),
    stacks: list(hasSamples, fc.record({ prefix: optPick(true), location: pick() }), n, 1),
    threads: list(
      s.threads,
      fc.record({
        name: optPick(true),
        pid: fc.constantFrom(NaN, 1, 4242),
        tid: fc.constantFrom(NaN, 1, 2, 70_000),
        process: optPick(true),
      }),
      3,
    ),
    labels: list(
      s.labels,
      fc.record({
        prefix: optPick(true),
        key: pick(),
        str: optPick(true),
        num: fc.bigInt(s.bigIntegers ? -(2n ** 62n) : -9n, s.bigIntegers ? 2n ** 62n : 9n),
        unit: optPick(true),
      }),
      4,
    ),
    timed: switched(s.times, fc.boolean(), false),
    samples: list(
      hasSamples,
      fc.record({
        stack: switched(s.emptyStacks, fc.oneof({ weight: 9, arbitrary: pick() }, { weight: 1, arbitrary: fc.constant(-1) }), 0).chain(
          (v) => (v < 0 ? fc.constant(-1) : pick()),
        ),
        thread: optPick(true),
        labels: optPick(true),
        time: fc.nat(1 << 20),
        values: row,
      }),
      n,
      1,
    ),
    lineTicks: list(
      hasSamples && s.lineTicks,
      fc.record({ stack: pick(), line: fc.integer({ min: 1, max: 9 }), count: fc.integer({ min: 1, max: 99 }) }),
      4,
    ),
    costs: list(hasGraph, fc.record({ frame: pick(), values: row }), n, 1),
    calls: list(
      hasGraph,
      fc.record({
        site: pick(),
        callee: pick(),
        count: count(s.counts),
        primitive: count(s.primitiveCounts),
        self: maybe(s.edgeSelf, row),
        values: inclusiveRow,
      }),
    ),
    totals: list(
      hasGraph && s.totals,
      fc.record({ fn: pick(), count: count(s.counts), primitive: count(s.primitiveCounts), values: inclusiveRow }),
    ),
    jumps: list(
      hasGraph && s.jumps,
      fc.record({ from: pick(), to: pick(), executed: fc.integer({ min: 1, max: 99 }), taken: fc.constantFrom(NaN, 0, 7) }),
      3,
    ),
  })
}

type Spec = ReturnType<typeof specArbitrary> extends fc.Arbitrary<infer T> ? T : never

/** Words of a frame being built: function, line, column, file, mapping, address (2), inline, kind. */
const FRAME_WORDS = 9

const split = (v: Amount): [number, number] => (typeof v === 'bigint' ? [hiOf(v), restOf(v)] : [v, 0])
const at = <T>(list: readonly T[], i: number): T => list[i % list.length]

const build = (spec: Spec, valueTypes: readonly ValueType[], hasSamples: boolean, hasGraph: boolean): Profile => {
  const b = new ProfileBuilder(valueTypes)
  b.meta = spec.timed && hasSamples ? { ...spec.meta, timeUnit: 'microseconds', startTime: 0, endTime: 1 << 20 } : spec.meta
  const str = (name: Name): number => (typeof name === 'string' ? b.str(name) : b.strings.internBytes(name, 0, name.length))
  const optStr = (list: readonly Name[], i: number): number => (i < 0 ? -1 : str(at(list, i)))
  const mappings = spec.mappings.map((m) => {
    const start = m.high ? m.start + 0x7fff_0000_0000_0000n : m.start
    return {
      start,
      row: b.mapping(start, start + m.pages * 4096n, m.offset, optStr(spec.files, m.file), b.str(m.buildId || undefined), m.flags),
    }
  })
  const mappingOf = (i: number): { start: bigint; row: number } | undefined =>
    i < 0 || mappings.length === 0 ? undefined : at(mappings, i)
  const functions = spec.functions.map((f) =>
    b.func(
      str(at(spec.names, f.name)),
      optStr(spec.files, f.file),
      f.startLine,
      f.startColumn,
      optStr(spec.names, f.systemName),
      mappingOf(f.mapping)?.row ?? -1,
    ),
  )
  const locations = spec.locations.map((l) => {
    const mapping = mappingOf(l.mapping)
    const bare = l.frames.some((f) => f.fn < 0)
    const address = l.addressed || bare ? (mapping === undefined ? l.far : mapping.start + (l.offset % 4096n)) : 0n
    const lo = Number(address & 0xffff_ffffn) | 0
    const hi = Number(address >> 32n) | 0
    // A bare address is one frame: what has no symbol has no inlined functions either.
    const frames = bare ? l.frames.slice(0, 1) : l.frames
    return frames.map((f, depth) => {
      const fn = bare ? -1 : at(functions, f.fn)
      if (bare) return b.frame(fn, -1, -1, -1, mapping?.row ?? -1, 0, f.kind, lo, hi)
      return b.frame(
        fn,
        f.line,
        f.line < 0 ? -1 : f.column,
        optStr(spec.files, f.file),
        mapping?.row ?? -1,
        depth > 0 ? 1 : 0,
        f.kind,
        lo,
        hi,
      )
    })
  })
  const frames = locations.flat()
  // A function is entered at a position of its own file, never inlined.
  const entries = spec.locations.flatMap((l, i) =>
    locations[i].map((frame, depth) => {
      const f = l.frames[depth]
      const words = b.tables.frames.interner.rows.slice(frame * FRAME_WORDS, (frame + 1) * FRAME_WORDS)
      return words[0] < 0 ? frame : b.frame(words[0], f.line, -1, -1, words[4], 0, words[8], words[5], words[6])
    }),
  )
  const stacks: number[] = []
  for (const s of spec.stacks) {
    let stack = s.prefix < 0 || stacks.length === 0 ? -1 : at(stacks, s.prefix)
    for (const frame of at(locations, s.location)) stack = b.stack(stack, frame)
    stacks.push(stack)
  }
  if (hasSamples) {
    b.expect('samples')
    const threads = spec.threads.map((t) => b.thread(optStr(spec.names, t.name), t.pid, t.tid, optStr(spec.names, t.process)))
    const sets: number[] = []
    for (const l of spec.labels) {
      const key = str(at(spec.names, l.key))
      const label = l.str >= 0 ? b.label(key, str(at(spec.names, l.str))) : b.numLabel(key, l.num, optStr(['bytes', 'requests'], l.unit))
      sets.push(b.labelSet(l.prefix < 0 || sets.length === 0 ? -1 : at(sets, l.prefix), label))
    }
    for (const s of spec.samples) {
      const stack = s.stack < 0 ? -1 : at(stacks, s.stack)
      const thread = s.thread < 0 || threads.length === 0 ? -1 : at(threads, s.thread)
      const labels = s.labels < 0 || sets.length === 0 ? -1 : at(sets, s.labels)
      const row = spec.timed ? b.addSample(stack, thread, labels, s.time) : b.sample(stack, thread, labels)
      for (const [k, v] of s.values.entries()) b.value(row, k, ...split(v))
    }
    for (const t of spec.lineTicks) b.lineTick(at(stacks, t.stack), t.line, t.count)
  }
  if (hasGraph) {
    b.expect('graph')
    for (const c of spec.costs) {
      const row = b.cost(at(frames, c.frame))
      for (const [k, v] of c.values.entries()) b.costValue(row, k, ...split(v))
    }
    for (const c of spec.calls) {
      const row = b.call(at(frames, c.site), at(entries, c.callee))
      const [count, countRest] = split(c.count)
      const [primitive, primitiveRest] = split(c.primitive)
      b.callCount(row, count, primitive, countRest, primitiveRest)
      for (const [k, v] of c.values.entries()) b.callValue(row, k, ...split(v))
      for (const [k, v] of (c.self ?? []).entries()) b.callSelf(row, k, ...split(v))
    }
    for (const t of spec.totals) {
      const [count, countRest] = split(t.count)
      const [primitive, primitiveRest] = split(t.primitive)
      const row = b.total(at(functions, t.fn), count, primitive, countRest, primitiveRest)
      for (const [k, v] of t.values.entries()) b.totalValue(row, k, ...split(v))
    }
    for (const j of spec.jumps) b.jump(at(frames, j.from), at(frames, j.to), j.executed, j.taken)
  }
  return printable(b.finish())
}

/** Counterexamples print as canonical text, not as typed arrays. */
const printable = (profile: Profile): Profile =>
  Object.defineProperty(profile, fc.toStringMethod, { value: () => `\n${dumpText(profile, { keepOrder: true })}`, enumerable: false })

const valueTypesArbitrary = (): fc.Arbitrary<ValueType[]> =>
  fc.uniqueArray(fc.record({ name: fc.constantFrom('samples', 'cpu', 'wall', 'space', 'Ir', ''), unit: fc.constantFrom(...UNITS) }), {
    minLength: 1,
    maxLength: 3,
    selector: (t) => t.name,
  })

/** Profiles as restricted by the switches; everything is on by default. */
export const arbitraryProfile = (switches: Partial<Switches> = {}): fc.Arbitrary<Profile> => {
  const s = { ...EVERYTHING, ...switches }
  return fc
    .record({
      valueTypes: s.valueTypes === undefined ? valueTypesArbitrary() : fc.constant([...s.valueTypes]),
      fractional: switched(s.fractions, fc.boolean(), false),
      evidence: s.evidence === 'any' ? fc.constantFrom('samples', 'graph', 'both') : fc.constant(s.evidence),
    })
    .chain(({ valueTypes, fractional, evidence }) => {
      const hasSamples = evidence !== 'graph'
      const hasGraph = evidence !== 'samples'
      return specArbitrary(s, valueTypes, fractional, hasSamples, hasGraph).map((spec) => build(spec, valueTypes, hasSamples, hasGraph))
    })
}
