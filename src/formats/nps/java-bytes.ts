/** Numbers and texts as java.io.DataOutputStream writes them: big-endian, strings in "modified UTF-8". */
import { malformed } from '../../io/diagnostics.js'

export class JavaBytes {
  at = 0
  private readonly view: DataView

  constructor(
    readonly bytes: Uint8Array,
    private readonly what: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  /** Steps over `n` bytes and tells where they begin. @throws ProfconvError 'malformed' at the end. */
  take(n: number): number {
    if (n < 0 || n > this.left) {
      throw malformed('nps/cut', `${this.what} ends at byte ${this.bytes.length}`, {
        at: { byte: this.at },
        expected: `${n < 0 ? 'a length' : `${n} more bytes`}`,
        hint: 'was the snapshot saved completely?',
      })
    }
    const at = this.at
    this.at += n
    return at
  }

  bool(): boolean {
    return this.bytes[this.take(1)] !== 0
  }

  u16(): number {
    return this.view.getUint16(this.take(2))
  }

  int(): number {
    return this.view.getInt32(this.take(4))
  }

  long(): bigint {
    return this.view.getBigInt64(this.take(8))
  }

  /** A count of things that take at least `size` bytes each: more than fit is no count. */
  count(size: number, things: string): number {
    const at = this.at
    const n = this.int()
    if (n < 0 || n * size > this.left)
      throw malformed('nps/count', `${n} ${things} in ${this.left} bytes`, { at: { byte: at }, expected: 'fewer' })
    return n
  }

  /**
   * A string: two bytes of length, then UTF-8 in which zero takes two bytes and a character above U+FFFF is a pair of
   * surrogates of three bytes each. JavaScript's strings have the same pairs, so each is decoded by itself.
   */
  utf(): string {
    const n = this.u16()
    const from = this.take(n)
    let text = ''
    for (let i = from; i < from + n; ) {
      const a = this.bytes[i]
      if (a < 0x80) {
        text += String.fromCharCode(a)
        i++
      } else if (a < 0xe0) {
        text += String.fromCharCode(((a & 31) << 6) | (this.bytes[i + 1] & 63))
        i += 2
      } else {
        text += String.fromCharCode(((a & 15) << 12) | ((this.bytes[i + 1] & 63) << 6) | (this.bytes[i + 2] & 63))
        i += 3
      }
    }
    return text
  }
}
