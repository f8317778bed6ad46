/**
 * The frames that all profiles of a file share. speedscope keeps frames at different indexes apart even if they are equal;
 * here equal ones become one.
 */
import { malformed } from '../../io/diagnostics.js'
import type { ProfileBuilder } from '../../model/builder.js'

export class SharedFrames {
  private readonly names: string[] = []
  private readonly files: string[] = []
  private readonly lines: number[] = []
  private readonly columns: number[] = []
  /** What the line of a frame is: where its function is defined, or where it was when it was seen. */
  meaning: 'definition' | 'execution' = 'definition'

  get length(): number {
    return this.names.length
  }

  add(value: unknown, index: number, byte: number): void {
    const { name, file, line, col } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
    const at = { byte }
    if (typeof name !== 'string') throw malformed('speedscope/type', `frame ${index} has no name`, { at, expected: 'a string "name"' })
    if (file !== undefined && file !== null && typeof file !== 'string')
      throw malformed('speedscope/type', `the file of frame ${index} is no string`, { at, expected: 'a string' })
    this.names.push(name)
    this.files.push(file ?? '')
    this.lines.push(positionOf(line, 'line', index, byte))
    this.columns.push(positionOf(col, 'col', index, byte))
  }

  /** Rows of the frames in `builder`. */
  rowsIn(builder: ProfileBuilder): FrameRows {
    return new FrameRows(this.length, builder, (index) => {
      const name = builder.str(this.names[index])
      const file = this.files[index] === '' ? -1 : builder.str(this.files[index])
      const line = this.lines[index]
      const column = this.columns[index]
      return this.meaning === 'execution'
        ? builder.frame(builder.func(name, file), line, column)
        : builder.frame(builder.func(name, file, line, column))
    })
  }
}

/** From a frame's index to its row, made when first asked for. */
export class FrameRows {
  private readonly rows: Int32Array
  private asked = 0

  constructor(
    length: number,
    private readonly builder: ProfileBuilder,
    private readonly make: (index: number) => number,
  ) {
    this.rows = new Int32Array(length).fill(-1)
  }

  of(index: number): number {
    const row = this.rows[index]
    if (row >= 0) return row
    this.asked++
    return (this.rows[index] = this.make(index))
  }

  /** Has every index that was asked for a row of its own? */
  get areDistinct(): boolean {
    return this.builder.tables.frames.length === this.asked
  }
}

/** 1-based; speedscope writes 0 for code that has no line. */
const positionOf = (value: unknown, key: string, index: number, byte: number): number => {
  if (value === undefined || value === null) return -1
  if (typeof value !== 'number')
    throw malformed('speedscope/type', `the ${key} of frame ${index} is no number`, { at: { byte }, expected: 'a number' })
  return Number.isInteger(value) && value > 0 && value < 0x7fffffff ? value : -1
}
