/** The header: where each column is. */
import { malformed } from '../../io/diagnostics.js'

export class Columns {
  readonly length: number
  readonly stack: number
  readonly weight: number
  readonly count: number
  readonly time: number
  readonly process: number
  readonly tid: number
  readonly cpu: number
  readonly func: number
  readonly module: number
  /** The last column whose cells may hold commas of names. */
  readonly lastName: number

  /** @throws ProfconvError 'malformed' where it lacks what a profile needs. */
  constructor(header: string, line: number) {
    const names = header.split(',').map((c) => c.trim().replace(/^"|"$/g, ''))
    const find = (...wanted: string[]): number => wanted.map((w) => names.indexOf(w)).find((i) => i >= 0) ?? -1
    this.length = names.length
    this.stack = find('Stack')
    this.weight = find('Weight')
    this.count = find('Count')
    this.time = find('TimeStamp')
    this.process = find('Process', 'Process Name')
    this.tid = find('Thread ID')
    this.cpu = find('CPU')
    this.func = find('Function')
    this.module = find('Module')
    this.lastName = Math.max(this.stack, this.func)
    if (this.stack < 0 || this.weight < 0) {
      throw malformed('xperf/header', `no column ${this.stack < 0 ? 'Stack' : 'Weight'}`, {
        at: { line },
        expected: 'columns Stack, Weight and Count, as the viewer names them',
        hint: 'show these columns in the viewer, then export the table',
      })
    }
  }
}
