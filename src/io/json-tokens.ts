/** Strings and numbers of the JSON machine: scanned in the window, decoded when somebody wants them. */
import { BAD, MORE, NumberScanner } from './json-scan.js'
import type { JsonOptions, ObjectShape } from './json-shape.js'
import { JsonState } from './json-state.js'
import { decodeUtf8, type StringPlace, StringScanner } from './json-strings.js'

export class JsonTokens extends JsonState {
  /** Has the input ended? Then a token that touches the end of the window is complete, or never will be. */
  protected final = false
  protected readonly numbers = new NumberScanner()
  protected readonly strings = new StringScanner()
  /** Strings that were repaired since `from`, as offsets in the input. */
  protected repairs: { start: number; end: number }[] = []
  private readonly lenient: boolean
  private invalidSeen = false

  constructor(options: JsonOptions) {
    super(options)
    this.lenient = options.lenientStrings ?? false
  }

  /** End of the string at `pos`, or MORE. */
  protected string(place: StringPlace): number {
    const to = this.strings.scan(this.buf, this.pos, this.end, this.final, place, this.lenient)
    if (to === BAD) throw this.unexpected(this.strings.at, 'a string with its quotes, control characters and backslashes escaped')
    if (to !== MORE && this.strings.repaired) {
      this.options.onRepair?.(this.base + this.pos)
      if (this.from >= 0) this.repairs.push({ start: this.base + this.pos, end: this.base + to })
    }
    return to
  }

  /** What the string token `[start, end)` says. */
  protected text(start: number, end: number): string {
    if (this.strings.escaped && !this.strings.repaired) return JSON.parse(this.decode(start, end))
    return this.decode(start + 1, end - 1)
  }

  protected decode(start: number, end: number): string {
    this.checkSize(start, end)
    return decodeUtf8(this.buf.subarray(start, end), () => {
      if (!this.invalidSeen) this.options.onInvalidUtf8?.(this.base + start)
      this.invalidSeen = true
    })
  }

  /** Index of the key `[start, end)` among those that the object knows; -1 if it is none of them. */
  protected knownKey(shape: ObjectShape, start: number, end: number): number {
    if (this.strings.escaped || this.strings.repaired) return -1
    const { buf } = this
    const size = end - start
    search: for (let k = 0; k < shape.keys.length; k++) {
      const { bytes } = shape.keys[k]
      if (bytes.length !== size) continue
      for (let i = 0; i < size; i++) if (bytes[i] !== buf[start + i]) continue search
      return k
    }
    return -1
  }
}
