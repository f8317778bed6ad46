/**
 * Header lines, and where one part of a file ends and the next begins. `events:` is the last line of a header; a
 * header line after costs or names begins the next part. Only there: `part:` after `events:` but before any cost
 * still belongs to the header it stands in.
 */
import { malformed, type Place, ProfconvError } from '../../io/diagnostics.js'
import type { Profile } from '../../model/profile.js'
import { decodeString } from '../../model/strings.js'
import type { Context } from '../format.js'
import { Header, Part } from './part.js'

/** A part costs some tens of KiB while it is read. */
const MAX_PARTS = 1 << 14
/** Lines of a header that are kept; a file with more is not described, it is filled. */
const MAX_TEXTS = 10_000

export class HeaderParser {
  /** The part that costs belong to; null before the first `events:`. */
  current: Part | null = null
  /** Header lines have come since the last cost, but no `events:` yet. */
  pending = false
  /** Costs or names of the current part have begun. */
  inBody = false
  /** How many parts have begun. */
  count = 0
  private header = new Header()
  private eventLine: string | null = null
  private readonly done: { profile: Profile; part: Part }[] = []
  private empty = 0
  /** The first part that says of itself that it holds nothing. */
  private dry: Part | null = null

  constructor(private readonly ctx: Context) {}

  get positions(): string | null {
    return this.header.positions
  }

  /** Takes in a line of the header, or `totals:`. False: it is none. */
  line(b: Uint8Array, start: number, end: number, at: Place): boolean {
    if (b[start] === 35) {
      this.reopen(true)
      return true
    }
    const colon = b.indexOf(58, start)
    if (colon < 0 || colon >= end || colon - start > 20) return false
    const key = decodeString(b.subarray(start, colon))
    const value = (): string => decodeString(b.subarray(colon + 1, end)).trim()
    if (key === 'summary' || key === 'totals') {
      if (this.current === null) return key === 'summary'
      this.current.state(key, value(), at)
      // Whatever comes after `totals:` is the next part's; a summary may stand in the header, too.
      if (key === 'totals') this.inBody = true
      return true
    }
    if (!KEYS.has(key)) return false
    this.reopen(key === 'version' || key === 'creator')
    this.set(key, value(), at)
    return true
  }

  /** The first cost or name after a header. Null: no events are known yet. */
  startBody(at: Place): Part | null {
    if (this.pending && this.eventLine !== null) this.begin(this.eventLine, at)
    this.inBody = true
    return this.current
  }

  /** All profiles. Parts that hold nothing are left out, unless that is all there is. */
  finish(lines: number): Profile[] {
    this.endPart()
    if (this.count === 0) {
      throw malformed('callgrind/no-events', 'no events: line', {
        at: { line: Math.max(lines, 1) },
        expected: 'a line like "events: Ir" before the costs',
        hint: 'is this a callgrind file, and is it whole?',
      })
    }
    const { dry } = this
    if (this.done.length === 0 && dry !== null) {
      // The recording states that it measured nothing, so it was understood; the reader's caller warns that there is nothing in it.
      return [{ ...dry.finish(), meta: dry.meta(false) }]
    }
    if (this.done.length === 0)
      throw new ProfconvError('empty', 'callgrind/empty', 'a callgrind file without any cost', {
        hint: 'the recording was empty: with --separate-threads each thread has a file of its own',
      })
    if (this.empty > 0)
      this.ctx.report({
        severity: 'note',
        code: 'callgrind/empty-part',
        message: `${this.empty} of ${this.count} parts hold no cost and are left out`,
        count: this.empty,
      })
    const several = this.done.length > 1
    return this.done.map(({ profile, part }) => ({ ...profile, meta: part.meta(several) }))
  }

  /** Header lines after a body, or the first line of a new header after an empty one, belong to the next part. */
  private reopen(first: boolean): void {
    if (this.pending || !(this.inBody || (first && this.current !== null && this.header.used))) return
    this.header = new Header()
    this.pending = true
    this.inBody = false
  }

  private set(key: string, value: string, at: Place): void {
    const { header } = this
    switch (key) {
      case 'events':
        this.begin(value, at)
        return
      case 'version':
        if (Number.parseInt(value, 10) > 1)
          throw malformed('callgrind/version', `version ${value.slice(0, 20)} of the format`, {
            at,
            expected: 'version 1',
            hint: 'newer than this reader',
          })
        return
      case 'creator':
        header.creator = value
        return
      case 'cmd':
        header.command = value
        return
      case 'pid':
        header.pid = /^\d{1,15}$/.test(value) ? Number(value) : NaN
        return
      case 'part':
        header.part = value
        return
      case 'thread':
        header.thread = value
        return
      case 'positions':
        header.positions = value
        return
      case 'desc':
        if (header.desc.length < MAX_TEXTS) header.desc.push(value)
        return
      case 'event':
        if (header.definitions.length < MAX_TEXTS) header.definitions.push(value)
        return
    }
  }

  private begin(events: string, at: Place): void {
    this.endPart()
    if (this.count >= MAX_PARTS) throw new ProfconvError('limit', 'callgrind/too-many-parts', `more than ${MAX_PARTS} parts`, { at })
    this.count++
    this.eventLine = events
    this.current = new Part(this.header, events, at, this.ctx)
    this.header.used = true
    this.pending = false
    this.inBody = false
  }

  private endPart(): void {
    const part = this.current
    if (part === null) return
    this.current = null
    if (part.used) this.done.push({ profile: part.finish(), part })
    else {
      this.empty++
      if (part.saysNothing) this.dry ??= part
    }
  }
}

const KEYS: ReadonlySet<string> = new Set([
  'version',
  'creator',
  'pid',
  'thread',
  'part',
  'cmd',
  'desc',
  'positions',
  'event',
  'events',
  'arch',
  'timeframe',
  'timeframe (BB)',
])
