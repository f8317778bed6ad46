/**
 * Reads what gprof prints: the flat profile, the call graph, and the index that tells functions of one name apart. The
 * tables may come in any order, and each alone. https://sourceware.org/binutils/docs/gprof/Output.html
 *
 * Every arc stands twice in the graph, below its caller and above its callee; it is read below the caller, and above the
 * callee only where the caller has no entry of its own (`-q`, `-l`).
 */
import { malformed } from '../../io/diagnostics.js'
import { textWindows } from '../../io/lines.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { trimmedEnd } from '../shared/blank-words.js'
import { EntryLine } from './entry-line.js'
import { Report } from './report.js'
import { AROUND_TITLE, FLAT_TITLE, GRAPH_TITLE, INDEX_TITLE, KILO, NO_TIME, PERIOD } from './titles.js'

const NEWLINE = 10
const FORM_FEED = 12
const DASH = 45
const OPEN = 91

enum Part {
  /** Titles, explanations, what is between tables. */
  text,
  flat,
  graph,
  index,
}

export const read: Read = async (input, ctx) => {
  const reader = new Reader(ctx)
  for await (const { bytes, start, end } of textWindows(input)) {
    ctx.signal?.throwIfAborted()
    for (let at = start; at < end; ) {
      const newline = bytes.indexOf(NEWLINE, at)
      const next = newline < 0 || newline >= end ? end : newline
      reader.line(bytes, at, next)
      at = next + 1
    }
  }
  return reader.finish()
}

class Reader {
  private part = Part.text
  private readonly entry = new EntryLine()
  private readonly decoder = new TextDecoder()
  private reports: Report[] = []
  private report: Report
  /** Of the table being read: are its numbers thousands? */
  private titled = false
  /** In an entry of the graph: behind its own line; a cycle as a whole. */
  private below = false
  private inCycle = false
  private number = 0
  private oddLines = 0
  private firstOdd = 0

  constructor(private readonly ctx: Context) {
    this.report = new Report()
  }

  line(bytes: Uint8Array, start: number, lineEnd: number): void {
    this.number++
    const end = trimmedEnd(bytes, start, lineEnd)
    switch (this.part) {
      case Part.graph:
        this.graphLine(bytes, start, end)
        return
      case Part.flat:
        this.flatLine(bytes, start, end)
        return
      case Part.index:
        if (end > start && bytes[start] !== FORM_FEED) {
          const text = this.text(bytes, start, end)
          if (!this.title(text)) this.report.indexLine(text)
        }
        return
      default:
        if (end > start && end - start < 300) this.title(this.text(bytes, start, end))
    }
  }

  private text(bytes: Uint8Array, start: number, end: number): string {
    return this.decoder.decode(bytes.subarray(start, end))
  }

  /** Is this the title of a table, or a fact about all of them? */
  private title(line: string): boolean {
    const flat = FLAT_TITLE.exec(line)
    if (flat !== null) {
      this.next((r) => r.hasFlat)
      this.part = Part.flat
      this.report.hasFlat = true
      this.titled = false
      this.report.takeUnit(flat[2])
      return true
    }
    if (GRAPH_TITLE.test(line)) {
      this.next((r) => r.hasGraph)
      this.part = Part.graph
      this.report.hasGraph = true
      this.below = this.inCycle = this.titled = false
      return true
    }
    if (INDEX_TITLE.test(line)) {
      this.part = Part.index
      return true
    }
    const period = PERIOD.exec(line)
    if (period !== null) this.report.takePeriod(period[1], period[2])
    else if (NO_TIME.test(line)) this.report.noTime = true
    return false
  }

  /** The same table again: another report behind the first. */
  private next(has: (r: Report) => boolean): void {
    if (!has(this.report)) return
    this.reports.push(this.report)
    this.report = new Report()
  }

  private flatLine(bytes: Uint8Array, start: number, end: number): void {
    if (end === start) {
      // Old ones have a blank line between the title and the rows.
      if (this.titled) this.part = Part.text
      return
    }
    const { entry } = this
    if (entry.flat(bytes, start, end)) {
      this.titled = true
      this.report.flatRow(bytes, entry)
      return
    }
    const text = this.text(bytes, start, end)
    if (!this.titled && KILO.test(text)) this.report.kilo = true
    else {
      this.part = Part.text
      this.title(text)
    }
  }

  private graphLine(bytes: Uint8Array, start: number, end: number): void {
    if (end === start) return
    const c = bytes[start]
    if (c === FORM_FEED) {
      this.part = Part.text
      if (end > start + 1) this.line(bytes, start + 1, end)
      return
    }
    if (c === DASH && bytes[start + 1] === DASH) {
      this.below = this.inCycle = false
      this.report.endEntry()
      return
    }
    const { entry } = this
    const read = entry.graph(bytes, start, end)
    if (c === OPEN && read) {
      this.inCycle = entry.whole
      this.below = true
      if (!entry.whole) this.report.own(bytes, entry)
      return
    }
    // The members of a cycle have entries of their own; its callers stand above them too.
    if (this.inCycle) return
    if (read && !Number.isNaN(entry.called)) {
      if (this.below) this.report.callee(bytes, entry)
      else this.report.caller(bytes, entry)
      return
    }
    this.otherGraphLine(this.text(bytes, start, end))
  }

  private otherGraphLine(line: string): void {
    if (/^\s*<spontaneous>(?:\s*[[(]\d+[\])])?\s*$/.test(line) || AROUND_TITLE.test(line)) return
    if (KILO.test(line)) {
      this.report.kilo = true
      return
    }
    this.report.endEntry()
    if (this.title(line)) return
    // What follows the table where nothing ends it: explanations begin at the second column, entries do not.
    if (/^ ?\S/.test(line) && !line.startsWith('[')) {
      this.part = Part.text
      return
    }
    if (this.oddLines++ === 0) this.firstOdd = this.number
  }

  finish(): Profile[] {
    const { ctx } = this
    const reports = [...this.reports, this.report].filter((r) => r.hasFlat || r.hasGraph)
    if (reports.length === 0)
      throw malformed('gprof/no-table', 'there is neither a flat profile nor a call graph in it', {
        expected: 'the tables that `gprof PROGRAM gmon.out` prints',
      })
    if (this.oddLines > 0)
      ctx.report({
        severity: 'warning',
        code: 'gprof/odd-line',
        message: 'lines of the call graph that are neither a function nor a call were skipped',
        at: { line: this.firstOdd },
        count: this.oddLines,
      })
    return reports.map((r) => r.finish(ctx))
  }
}
