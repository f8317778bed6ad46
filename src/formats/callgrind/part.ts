/** One part of a callgrind file: its header, its evidence, and whether the sums it states are the sums it holds. */

import { malformed, type Place, ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import { exactText, SumColumn } from '../../model/exact.js'
import type { Profile, ProfileMeta } from '../../model/profile.js'
import type { Context } from '../format.js'
import { type Event, parseEvent } from './events.js'
import type { CallgrindExtras } from './extras.js'
import { FrameIndex } from './frame-index.js'
import { CallRows, CostRows } from './graph-rows.js'

/** Our writer's name in the `creator:` line, and what it says in `desc:` lines because no other line can. */
export const CREATOR = 'profconv'
export const DESC = {
  name: 'Name: ',
  producer: 'Producer: ',
  noCounts: 'Call counts: not measured',
  /** An edge without any cost is not an edge of cost 0. */
  noInclusive: 'Inclusive costs: not measured where none are written',
} as const

/** KCacheGrind stops at 200 event types, too. */
const MAX_EVENTS = 200
/** Cells of the cost table: what a small file with many events may make us allocate. */
export const MAX_CELLS = 1 << 27

/** Fewer rows say little of how many will come. */
const MANY_ROWS = 1 << 16
/** More room than this is not made on a guess. */
const MAX_ROOM = 1 << 24
/** The beginning of a file holds fewer rows, because names are written out there. Room that is not used takes no memory. */
const MARGIN = 1.5

/** The lines before `events:`. */
export class Header {
  creator = ''
  command = ''
  pid = NaN
  part = ''
  thread = ''
  positions: string | null = null
  readonly desc: string[] = []
  /** `event:` lines: long names, and formulas of derived events, whose values stand in no cost line. */
  readonly definitions: string[] = []
  /** A part has begun with it. */
  used = false
}

export class Part {
  readonly events: readonly Event[]
  readonly builder: ProfileBuilder
  readonly frames = new FrameIndex()
  readonly costs: CostRows
  readonly calls: CallRows
  /** Self costs as read, in ticks of the file. */
  private readonly sums: SumColumn[]
  /** What of the sums needs no remainder: one addition instead of a call for every cost. */
  readonly plainSums: Float64Array
  private readonly stated: { what: 'summary' | 'totals'; text: string; at: Place }[] = []
  private hasRoom = false
  /** A cost, call or jump was read. */
  used = false

  constructor(
    readonly header: Header,
    eventLine: string,
    at: Place,
    private readonly ctx: Context,
  ) {
    const names = eventLine.split(/\s+/).filter((w) => w !== '')
    if (names.length === 0) throw malformed('callgrind/no-events', 'the events: line names no event', { at, expected: 'events: Ir' })
    if (names.length > MAX_EVENTS)
      throw new ProfconvError('limit', 'callgrind/too-many-events', `the events: line names ${names.length} events`, {
        at,
        expected: `at most ${MAX_EVENTS}`,
      })
    const seen = new Set<string>()
    this.events = names.map((word) => {
      const event = parseEvent(word, header.creator)
      let name = event.name
      for (let n = 2; seen.has(name); n++) name = `${event.name}_${n}`
      seen.add(name)
      if (name !== event.name)
        ctx.report({
          severity: 'warning',
          code: 'callgrind/repeated-event',
          message: `event ${word.slice(0, 40)} is listed twice; called ${name.slice(0, 42)}`,
          at,
        })
      return { ...event, name }
    })
    this.builder = new ProfileBuilder(this.events.map(({ name, unit }) => ({ name, unit })))
    this.builder.expect('graph')
    this.costs = new CostRows(this.events.length)
    this.calls = new CallRows(this.events.length)
    this.sums = this.events.map(() => new SumColumn(0, 1))
    this.plainSums = new Float64Array(this.events.length)
  }

  /** Adds to what was read of event `k`, in ticks. */
  sum(k: number, v: number, rest: number): void {
    const sum = this.plainSums[k] + v
    if (rest === 0 && sum <= Number.MAX_SAFE_INTEGER && sum >= -Number.MAX_SAFE_INTEGER) this.plainSums[k] = sum
    else {
      this.sums[k].add(0, this.plainSums[k])
      this.sums[k].add(0, v, rest)
      this.plainSums[k] = 0
    }
  }

  /** Makes room once, when enough was read to tell how much: tables that grow leave as much garbage as they hold. @param times as much is to come in all */
  expectRows(times: number): void {
    const { frames, costs, calls } = this
    if (this.hasRoom || frames.length < MANY_ROWS) return
    this.hasRoom = true
    if (!(times > 1)) return
    const rows = (now: number): number => Math.min(Math.ceil(now * times * MARGIN), MAX_ROOM, MAX_CELLS / this.events.length)
    frames.reserve(rows(frames.length))
    costs.reserve(rows(costs.length), rows(frames.length))
    calls.reserve(rows(calls.length), rows(frames.length))
  }

  /** A `summary:` or `totals:` line; checked when the part ends. */
  state(what: 'summary' | 'totals', text: string, at: Place): void {
    this.stated.push({ what, text, at })
  }

  /** The profile of this part, still without `meta`. */
  finish(): Profile {
    const { builder, header } = this
    this.checkSums()
    if (header.definitions.length > 0) {
      const extras: CallgrindExtras = { ...(builder.extras.get('callgrind') as CallgrindExtras), definitions: header.definitions }
      builder.extras.set('callgrind', extras)
    }
    const profile = builder.finish()
    const graph = { ...profile.graph!, costs: this.costs.finish(), calls: this.calls.finish() }
    return { ...profile, frames: this.frames.finish(), graph }
  }

  /** Does the file itself say that this part measured nothing? A recording that ran dry is one; a damaged file does not say so. */
  get saysNothing(): boolean {
    return this.stated.length > 0 && this.stated.every(({ text }) => /^0( +0)*$/.test(text))
  }

  /** Did our own writer say that a call without costs is one whose inclusive costs nobody knows? */
  get inclusiveUnknown(): boolean {
    return this.header.creator === CREATOR && this.header.desc.includes(DESC.noInclusive)
  }

  /** Did our own writer say that the counts in this file only stand in for unknown ones? */
  get countsUnknown(): boolean {
    return this.header.creator === CREATOR && this.header.desc.includes(DESC.noCounts)
  }

  /**
   * Is `calls=0` a count? Valgrind's is: the call began in an earlier part and only its cost falls into this one. Go's
   * pprof, which names no creator, writes it for all calls because it counted none.
   */
  get countsZero(): boolean {
    return this.header.creator.startsWith('callgrind')
  }

  /** @param several the file has more than one part, so they need names. */
  meta(several: boolean): ProfileMeta {
    const { header } = this
    const ours = header.creator === CREATOR
    const said = (prefix: string): string | undefined =>
      ours ? header.desc.find((d) => d.startsWith(prefix))?.slice(prefix.length) : undefined
    const comments = header.desc.filter(
      (d) => !ours || !(d.startsWith(DESC.name) || d.startsWith(DESC.producer) || d === DESC.noCounts || d === DESC.noInclusive),
    )
    const place = [several || header.thread === '' ? header.part && `part ${header.part}` : '', header.thread && `thread ${header.thread}`]
    const name = ours ? said(DESC.name) : several || header.thread !== '' ? place.filter((p) => p !== '').join(', ') : undefined
    const producer = ours ? said(DESC.producer) : header.creator
    return {
      ...(producer ? { producer } : {}),
      ...(header.command !== '' ? { command: header.command } : {}),
      ...(name ? { name } : {}),
      ...(Number.isNaN(header.pid) ? {} : { pid: header.pid }),
      ...(comments.length > 0 ? { comments } : {}),
    }
  }

  /**
   * `totals:` is what the part's cost lines must sum up to. `summary:` is what the producer counted overall: Xdebug's
   * includes the top level that it writes no line for, pyprof2calltree's is the largest inclusive time. Valgrind's may be
   * off by what it could not attribute, while totals are right. A summary of nothing but zeros says nothing.
   */
  private checkSums(): void {
    const sums = this.sums.map((s, k) => {
      s.add(0, this.plainSums[k])
      const [hi, rest] = s.finish(1)
      return exactText(hi[0], rest?.[0] ?? 0)
    })
    for (const { what, text, at } of this.stated) {
      if (what === 'summary' && /^[\s0]*$/.test(text)) continue
      const k = this.mismatch(text, sums)
      if (k === null) continue
      this.ctx.report({
        severity: 'warning',
        code: `callgrind/${what}-mismatch`,
        message: `${what}: states ${(words(text)[k] ?? '0').slice(0, 40)} of ${this.events[k].name.slice(0, 40)}, the cost lines sum up to ${sums[k]}`,
        at,
      })
    }
  }

  /** First event whose stated sum is not the sum; null if all agree. */
  private mismatch(text: string, sums: readonly string[]): number | null {
    const stated = words(text)
    for (let k = 0; k < sums.length; k++) {
      const s = stated[k] ?? '0'
      if (s !== sums[k] && Math.abs(Number(s) - Number(sums[k])) !== 0) return k
      if (s !== sums[k] && /^-?\d+$/.test(s) && /^-?\d+$/.test(sums[k]) && s.length < 40 && BigInt(s) !== BigInt(sums[k])) return k
    }
    return null
  }
}

const words = (text: string): string[] =>
  text
    .trim()
    .split(/\s+/)
    .filter((w) => w !== '')
