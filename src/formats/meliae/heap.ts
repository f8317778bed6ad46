/** The objects of a dump as columns: no JavaScript object for any of them. */
import { ProfconvError } from '../../io/diagnostics.js'

/** References that fit into memory. */
const MOST_REFS = 1 << 27
const MOST_OBJECTS = 1 << 26

/** A growable column of doubles. */
export class Column {
  private data = new Float64Array(1024)
  length = 0

  push(v: number): void {
    if (this.length === this.data.length) {
      const data = new Float64Array(this.length * 2)
      data.set(this.data)
      this.data = data
    }
    this.data[this.length++] = v
  }

  get(i: number): number {
    return this.data[i]
  }
}

export class Heap {
  length = 0
  /** Objects that came again. */
  repeated = 0
  readonly sizes = new Column()
  private readonly addresses = new Column()
  private readonly types = new Column()
  private readonly labels = new Column()
  /** Addresses of what object i refers to: `refs[starts[i], starts[i + 1])`. */
  private readonly refs = new Column()
  private readonly starts = new Column()
  private readonly names: string[] = []
  private readonly rowOfName = new Map<string, number>()
  /** Open addressing: row + 1 by address. */
  private slots = new Int32Array(1 << 12)

  constructor() {
    this.starts.push(0)
  }

  add(address: number, size: number, type: string, label: string, refs: readonly unknown[], line: number): void {
    if (this.refs.length + refs.length > MOST_REFS || this.length >= MOST_OBJECTS) {
      throw new ProfconvError('limit', 'meliae/too-large', `more than ${MOST_REFS} references or ${MOST_OBJECTS} objects`, { at: { line } })
    }
    const slot = this.slotOf(address)
    if (this.slots[slot] !== 0) {
      this.repeated++
      return
    }
    this.slots[slot] = ++this.length
    this.addresses.push(address)
    this.sizes.push(size)
    this.types.push(this.name(type))
    this.labels.push(this.name(label))
    for (const ref of refs) if (typeof ref === 'number') this.refs.push(ref)
    this.starts.push(this.refs.length)
    if (this.length * 2 > this.slots.length) this.rehash()
  }

  typeOf(i: number): string {
    return this.names[this.types.get(i)]
  }

  labelOf(i: number): string {
    return this.names[this.labels.get(i)]
  }

  /** References as rows, -1 for what is not in the dump: of object i they are `rows[starts(i), starts(i + 1))`. */
  edges(): Int32Array {
    const rows = new Int32Array(this.refs.length)
    for (let i = 0; i < rows.length; i++) rows[i] = this.slots[this.slotOf(this.refs.get(i))] - 1
    return rows
  }

  start(i: number): number {
    return this.starts.get(i)
  }

  private name(text: string): number {
    let row = this.rowOfName.get(text)
    if (row === undefined) {
      row = this.names.length
      this.names.push(text)
      this.rowOfName.set(text, row)
    }
    return row
  }

  private slotOf(address: number): number {
    const { slots, addresses } = this
    const mask = slots.length - 1
    // Addresses are larger than 32 bits, and steps apart: all bits are mixed, or they would stand in rows.
    let h = (address | 0) ^ Math.imul((address / 4294967296) | 0, 0x9e3779b1)
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    let slot = (h ^ (h >>> 16)) & mask
    while (slots[slot] !== 0 && addresses.get(slots[slot] - 1) !== address) slot = (slot + 1) & mask
    return slot
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4)
    for (let i = 0; i < this.length; i++) this.slots[this.slotOf(this.addresses.get(i))] = i + 1
  }
}
