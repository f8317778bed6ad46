/**
 * Many profiles into one. Folds one input at a time, so the peak is the result plus the largest input; merge is also
 * garbage collection. Associative and commutative up to the order of rows, idempotent on tables; totals are conserved.
 *
 * The rules are those of the formats' own tools, where these agree with themselves:
 *  - symbols join by content; samples by stack, thread and labels (in any order); edges by call site and callee. Values
 *    and counts add.
 *  - pprof: binaries join by size, offset and build id (or file); addresses are moved to one base (ASLR).
 *  - value types join by name; units of one dimension are scaled to the smallest. A type that only some inputs have
 *    stays, and is said to be partial (pprof drops it silently).
 *  - sample times end here: clocks of different runs cannot be compared.
 *  - if one input has no samples but only a call graph, all become call graphs (exact), and that is said.
 */
import type { FoldTarget } from '../formats/format.js'
import { type Diagnostic, ProfconvError } from '../io/diagnostics.js'
import { ProfileBuilder } from '../model/builder.js'
import { emptyTable } from '../model/columns.js'
import { SumColumn } from '../model/exact.js'
import type { Profile, ProfileMeta, ValueType } from '../model/profile.js'
import { columnsOf, EVIDENCE_TABLES } from '../model/schema.js'
import { canonicalUnit, scaleBetween } from '../model/units.js'
import { copyInto } from './accumulate.js'
import { appendPart } from './append-part.js'
import { toCallGraph } from './graph.js'
import { LabelOrder, labelsInOrder } from './label-order.js'
import { MappingMerge } from './mapping-merge.js'
import type { MergePart } from './merge-part.js'
import { withOrderedStrings } from './string-order.js'

export interface MergeOptions {
  report?(d: Diagnostic): void
}

/** Folds profiles: `add` each, then `finish`. */
export class Merger {
  protected builder: ProfileBuilder | null = null
  protected readonly types: ValueType[] = []
  /** How many inputs had each value type. */
  private readonly seen: number[] = []
  protected inputs = 0
  protected meta: ProfileMeta = {}
  private readonly mappings = new MappingMerge()
  protected droppedTimes = 0
  /** The format that all inputs came from; undefined once they differ. */
  protected source: unknown
  private labelOrder: LabelOrder | undefined
  /** Set while a reader puts its rows here directly. */
  protected folding = false

  constructor(private readonly options: MergeOptions = {}) {}

  /**
   * Adds one profile. @param name of the input, for messages.
   * @throws ProfconvError 'merge' if its value types cannot stand beside the ones so far.
   */
  add(profile: Profile, name = `input ${this.inputs + 1}`): void {
    this.checkWhole()
    // The result has samples while every input has them, and a call graph once any input has one.
    const samples = profile.samples !== null && (this.builder?.hasSamples ?? true)
    const graph = profile.graph !== null || (this.builder?.hasGraph ?? false)
    const loses = !samples && (profile.samples !== null || this.builder?.hasSamples)
    if (loses) {
      const message = `stacks became call graph edges: ${profile.samples === null ? name : 'an earlier input'} has only a call graph`
      this.options.report?.({ severity: 'warning', code: 'merge/stacks-to-graph', message })
    }
    if (this.builder !== null && (graph !== this.builder.hasGraph || samples !== this.builder.hasSamples)) this.restart(samples, graph)
    const p = labelsInOrder(withEvidence(profile, samples, graph, this.options))
    const values = this.joinTypes(p.valueTypes, name)
    this.builder ??= new ProfileBuilder(this.types)
    this.addMeta(p.meta)
    this.count(profile.extras.get('source'))
    if (profile.samples?.time.some((t) => !Number.isNaN(t))) this.droppedTimes += profile.samples.length
    if (samples) this.builder.expect('samples')
    if (graph) this.builder.expect('graph')
    copyInto(this.builder, p, this.mappings.hooks(p), { joinSamples: true, values })
  }

  /**
   * Where a reader may put its rows directly, without making a profile of them: the result is that of `add`, for half the
   * work. A reader that throws on the way leaves the merger unusable. @param source id of the reader's format
   */
  foldTarget(source: string): FoldTarget {
    return {
      begin: (types) => {
        const place = this.placeFor(types, source)
        this.folding = place !== null
        return place
      },
      mapping: (facts) => this.mappings.row(this.builder!, facts),
      orderLabels: (labels, n) => (this.labelOrder ??= new LabelOrder(this.builder!)).sort(labels, n),
      end: (meta) => {
        this.addMeta(meta)
        this.count(source)
        this.folding = false
      },
    }
  }

  /** Where samples of these value types may go as they are, and the column of each type; null if they cannot. */
  private placeFor(types: readonly ValueType[], name: string): { builder: ProfileBuilder; columns: readonly number[] } | null {
    this.checkWhole()
    if (!this.fits(types)) return null
    const columns = this.joinTypes(types, name).map((t) => t.to)
    this.builder ??= new ProfileBuilder(this.types)
    this.builder.expect('samples')
    return { builder: this.builder, columns }
  }

  /** Samples beside samples, and no value type in another unit than before: all else needs a look at the whole profile. */
  protected fits(types: readonly ValueType[]): boolean {
    const { builder } = this
    if (builder !== null && (!builder.hasSamples || builder.hasGraph)) return false
    const same = (t: ValueType): boolean => this.types.every((u) => u.name !== t.name || u.unit === canonicalUnit(t.unit))
    return types.every((t, k) => same(t) && types.findIndex((u) => u.name === t.name) === k)
  }

  protected checkWhole(): void {
    if (this.folding)
      throw new ProfconvError('usage', 'merge/incomplete', 'an input could not be read to its end, so nothing more can be merged')
  }

  private addMeta(meta: ProfileMeta): void {
    this.meta = this.inputs === 0 ? withoutTimes(meta) : mergeMeta(this.meta, withoutTimes(meta))
  }

  private count(source: unknown): void {
    this.source = this.inputs === 0 || this.source === source ? source : undefined
    this.inputs++
  }

  /** As adding the inputs of the part one by one; false, with nothing added, where that would be something else. */
  addPart({ profile, inputs, droppedTimes }: MergePart): boolean {
    const place = this.placeFor(profile.valueTypes, 'a part')
    if (place === null) return false
    const { builder, columns } = place
    this.addMeta(profile.meta)
    this.count(profile.extras.get('source'))
    this.inputs += inputs - 1
    for (const k of columns) this.seen[k] += inputs - 1
    this.droppedTimes += droppedTimes
    appendPart(builder, profile, this.mappings.hooks(profile), columns)
    return true
  }

  /** The merged profile. @throws ProfconvError 'usage' if nothing was added. */
  finish(): Profile {
    this.checkWhole()
    if (this.builder === null) throw new ProfconvError('usage', 'merge/no-inputs', 'there is nothing to merge')
    const { builder } = this
    this.types.forEach((t, k) => {
      if (this.seen[k] === this.inputs) return
      const message = `${t.name}/${t.unit} was measured in ${this.seen[k]} of ${this.inputs} inputs; its sum covers those`
      this.options.report?.({ severity: 'warning', code: 'merge/partial-value-type', message })
    })
    if (this.droppedTimes > 0 && this.inputs > 1) {
      const message = 'sample times dropped: clocks of different recordings cannot be compared'
      this.options.report?.({ severity: 'note', code: 'merge/times-dropped', message, count: this.droppedTimes })
    }
    builder.meta = this.meta
    const merged = withOrderedStrings(dropZeroSamples(this.result()))
    return this.source === undefined ? merged : { ...merged, extras: new Map([['source', this.source]]) }
  }

  protected result(): Profile {
    return this.mappings.placed({ ...this.builder!.finish(), valueTypes: [...this.types] })
  }

  /** A later input changes what evidence the result can have: what came before follows. */
  private restart(samples: boolean, graph: boolean): void {
    const sofar = withEvidence(this.result(), samples, graph, this.options)
    this.builder = new ProfileBuilder(this.types)
    this.labelOrder = undefined
    this.mappings.reset()
    copyInto(this.builder, sofar, this.mappings.hooks(sofar), { joinSamples: true })
  }

  /** Where each value type of an input goes, and its factor; adds types and rescales earlier ones as needed. */
  private joinTypes(types: readonly ValueType[], name: string): { to: number; scale: number }[] {
    // A profile may have two types of one name (in different units, say): each takes a column of its own.
    const taken = new Set<number>()
    return types.map((t) => {
      const unit = canonicalUnit(t.unit)
      const joined = this.joinType(t.name, unit, name, taken)
      taken.add(joined.to)
      return joined
    })
  }

  private joinType(type: string, unit: string, input: string, taken: ReadonlySet<number>): { to: number; scale: number } {
    const free = this.types.map((_, k) => k).filter((k) => this.types[k].name === type && !taken.has(k))
    const k = free.find((i) => this.types[i].unit === unit) ?? free.find((i) => scaleBetween(unit, this.types[i].unit) !== undefined)
    if (k === undefined && free.length > 0) {
      const message = `${input}: ${type} is in ${unit}, the inputs before it have it in ${this.types[free[0]].unit}`
      throw new ProfconvError('merge', 'merge/units', message, {
        expected: 'one dimension for one value type',
        hint: `choose value types that agree with --value, or leave ${input} out`,
      })
    }
    if (k === undefined) {
      this.types.push({ name: type, unit })
      this.seen.push(1)
      if (this.builder !== null) addValueColumns(this.builder)
      return { to: this.types.length - 1, scale: 1 }
    }
    this.seen[k]++
    const scale = scaleBetween(unit, this.types[k].unit)!
    if (scale >= 1) return { to: k, scale }
    // The new input has the smaller unit: what is there already is counted anew in it.
    if (this.builder !== null) scaleValueColumns(this.builder, k, Math.round(1 / scale))
    this.types[k] = { name: type, unit }
    return { to: k, scale: 1 }
  }
}

/**
 * The order in which to fold inputs, given the format of the first. Sums of doubles depend on it in their last digit, and
 * the order of rows too: pstats.Stats(a, b, c) adds a, c, b. Everybody else goes from first to last.
 */
export const mergeOrder = <T>(inputs: readonly T[], firstFormat: string): T[] =>
  firstFormat === 'pstats' ? [...inputs.slice(0, 1), ...inputs.slice(1).reverse()] : [...inputs]

/** Merges profiles into one. */
export const merge = (profiles: readonly Profile[], options: MergeOptions = {}): Profile => {
  const merger = new Merger(options)
  for (const p of profiles) merger.add(p)
  return merger.finish()
}

/** The same profile without garbage, duplicates and zero samples: `merge([p])`. */
export const compact = (profile: Profile): Profile => merge([profile])

/** The profile with exactly this evidence; a graph it does not have is made from its samples, but for those that came to nothing. */
const withEvidence = (p: Profile, samples: boolean, graph: boolean, { report }: MergeOptions): Profile => {
  const full = graph && p.graph === null ? toCallGraph(dropZeroSamples(p), { keepSamples: samples, report }) : p
  return samples || full.samples === null ? full : { ...full, samples: null, lineTicks: emptyTable('lineTicks', full.valueTypes.length) }
}

const forValueColumns = (builder: ProfileBuilder, fn: (columns: SumColumn[], absent: number) => void): void => {
  for (const table of EVIDENCE_TABLES) {
    for (const [column, kind] of columnsOf(table)) if (kind.kind === 'values') fn(builder.tables[table].sums[column], kind.absent)
  }
}

const addValueColumns = (builder: ProfileBuilder): void =>
  forValueColumns(builder, (columns, absent) => columns.push(new SumColumn(absent)))

const scaleValueColumns = (builder: ProfileBuilder, k: number, factor: number): void =>
  forValueColumns(builder, (columns) => columns[k].scale(factor))

/** Clocks, orders and titles belong to one recording; the merged profile has none. */
const withoutTimes = ({ timeUnit, startTime, endTime, order, name, ...rest }: ProfileMeta): ProfileMeta => rest

/** Every rule here is symmetric, so that the order of inputs cannot show in the result. */
const mergeMeta = (a: ProfileMeta, b: ProfileMeta): ProfileMeta => {
  const out: Record<string, unknown> = {}
  const put = (key: keyof ProfileMeta, value: unknown): void => {
    if (value !== undefined) out[key] = value
  }
  put('producer', same(a.producer, b.producer))
  put('command', same(a.command, b.command))
  put('pid', same(a.pid, b.pid))
  put('timeNanos', smaller(a.timeNanos || undefined, b.timeNanos || undefined))
  put('durationNanos', a.durationNanos === undefined ? b.durationNanos : a.durationNanos + (b.durationNanos ?? 0n))
  const period = mergePeriods(a, b)
  put('period', period.period)
  put('periodType', period.periodType)
  put('defaultValueType', smaller(a.defaultValueType, b.defaultValueType))
  put('docUrl', smaller(a.docUrl, b.docUrl))
  put('dropFrames', smaller(a.dropFrames, b.dropFrames))
  put('keepFrames', smaller(a.keepFrames, b.keepFrames))
  if (a.comments !== undefined || b.comments !== undefined)
    put('comments', [...new Set([...(a.comments ?? []), ...(b.comments ?? [])])].sort())
  return out as ProfileMeta
}

const same = <T>(a: T | undefined, b: T | undefined): T | undefined => (a === b ? a : undefined)
const smaller = <T extends string | bigint>(a: T | undefined, b: T | undefined): T | undefined =>
  a === undefined ? b : b === undefined || a <= b ? a : b
const larger = <T extends string | bigint>(a: T | undefined, b: T | undefined): T | undefined =>
  a === undefined ? b : b === undefined || a >= b ? a : b
/** The longest period. Of periods that measure different things, that of the first in the alphabet: any rule but an order would depend on how inputs are grouped. */
const mergePeriods = (a: ProfileMeta, b: ProfileMeta): Pick<ProfileMeta, 'period' | 'periodType'> => {
  const key = ({ periodType: t }: ProfileMeta): string => (t === undefined ? '' : JSON.stringify([t.name, t.unit]))
  const [x, y] = [key(a), key(b)]
  if (x === y) return { period: larger(a.period, b.period), periodType: a.periodType }
  // A period of nothing in particular yields to one that says what it measures.
  return y === '' || (x !== '' && x < y) ? a : b
}

/** pprof drops samples that came to nothing, last of all: +1 and -1 must meet first. */
const dropZeroSamples = (p: Profile): Profile => {
  if (p.samples === null) return p
  const { values, length } = p.samples
  const keep = new Uint8Array(length)
  let kept = 0
  for (let i = 0; i < length; i++) {
    for (let k = 0; k < values.length; k++) if (values[k][i] !== 0) keep[i] = 1
    kept += keep[i]
  }
  if (kept === length) return p
  const builder = new ProfileBuilder(p.valueTypes)
  builder.meta = p.meta
  builder.expect('samples')
  copyInto(builder, p, { keep: { samples: keep } }, { joinSamples: true })
  return builder.finish()
}
