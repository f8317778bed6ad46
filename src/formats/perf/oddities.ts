/** What a file holds besides samples, or what is odd in it, counted; the place is the first one's. */
import type { Context } from '../format.js'

const TEXTS: Record<string, readonly ['warning' | 'note', string]> = {
  'odd-line': ['warning', 'lines that are neither a sample nor a frame were skipped'],
  'blank-line': ['warning', 'a blank line stands between samples and their call chains: they were put together'],
  lost: ['warning', 'perf says that it lost events: there were more samples than are in the file'],
  records: ['note', "records of perf's own (PERF_RECORD_…) between the samples were skipped"],
  'branch-stacks': ['note', 'branch stacks are not read'],
}

export class Oddities {
  private readonly seen = new Map<string, { count: number; line: number }>()

  add(what: string, line: number): void {
    const known = this.seen.get(what)
    if (known !== undefined) known.count++
    else this.seen.set(what, { count: 1, line })
  }

  report(ctx: Context, more: { readonly unweighed: number; readonly headless: number }): void {
    for (const [what, { count, line }] of this.seen) {
      const [severity, message] = TEXTS[what]
      ctx.report({ severity, code: `perf/${what}`, message, at: { line }, count })
    }
    if (more.unweighed > 0)
      ctx.report({
        severity: 'note',
        code: 'perf/no-period',
        message: 'samples without a period count as 1 (`perf script -F +period` prints it)',
        count: more.unweighed,
      })
    if (more.headless > 0)
      ctx.report({
        severity: 'note',
        code: 'perf/no-header',
        message: 'call chains without a line that says thread, time and event: each counts as one sample',
        count: more.headless,
      })
  }
}
