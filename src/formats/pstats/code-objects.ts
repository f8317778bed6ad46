/** Code objects in marshal: their layout depends on the Python that wrote them, and nothing in the file says which; see LAYOUTS. */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import type { MarshalReader } from './marshal.js'
import { Kind, LAYOUTS, type Layout, WHAT } from './marshal-facts.js'

export class CodeObjects {
  private layout: Layout | null = null

  constructor(private readonly reader: MarshalReader) {}

  /** Passes over a code object that begins at `at`, behind its type code; returns the row of the text that Python would print for it, less its address. */
  read(depth: number, at: number): number {
    return this.layout !== null ? this.fields(this.layout, depth, at) : this.first(depth, at)
  }

  /** One Python wrote the whole file, so the layout that fits the first code object is the layout of all. */
  private first(depth: number, at: number): number {
    const { reader } = this
    const { pos, table } = reader
    const { length } = table
    const interned = table.interned.length
    let cut: ProfconvError | null = null
    for (const layout of LAYOUTS) {
      this.layout = layout
      try {
        return this.fields(layout, depth, at)
      } catch (e) {
        if (!(e instanceof ProfconvError) || e.kind === 'limit') throw e
        if (e.code === 'pstats/truncated') cut = e
      }
      reader.pos = pos
      table.cut(length, interned)
    }
    if (cut !== null) throw cut
    throw malformed('pstats/code-object', 'a code object of an unknown layout', {
      at: { byte: at },
      expected: `a layout of Python ${LAYOUTS.map((l) => l.python).join(', ')}`,
    })
  }

  private fields(layout: Layout, depth: number, at: number): number {
    const { reader } = this
    const { strings } = reader
    reader.need(layout.ints * 4)
    reader.pos += layout.ints * 4
    let file = -1
    let name = -1
    for (const field of layout.before) {
      this.field(field, depth, at)
      if (field === 'F') file = reader.num
      else if (field === 'N') name = reader.num
    }
    reader.need(4)
    const line = reader.view.getInt32(reader.pos, true)
    reader.pos += 4
    for (const field of layout.after) this.field(field, depth, at)
    return strings.intern(`<code object ${strings.get(name)}, file "${strings.get(file)}", line ${line}>`)
  }

  private field(field: string, depth: number, at: number): void {
    const kind = this.reader.skip(depth + 1)
    // Python 2 has one type for text and bytes.
    const fits = field === 't' ? kind === Kind.seq || kind === Kind.key : kind === Kind.str || kind === Kind.bytes
    if (!fits) throw malformed('pstats/code-object', `${WHAT[kind]} in a code object where it cannot be`, { at: { byte: at } })
  }
}
