/**
 * A position of a cost line: `positions: instr line` says which subpositions a line starts with. Each is a number
 * (decimal or 0x), `+n` or `-n` relative to the last line, or `*` for the same again. Addresses have 64 bits and are
 * kept in two halves, because a double ends at 53 bits and a bigint per line would be most of the parsing time.
 *
 * KCacheGrind also takes ranges (`a-b`, `a:b`, `a+n`); the range counts as its start.
 */

/** 2^32. */
const U32 = 0x1_0000_0000

export class Position {
  /** 0 = unknown. */
  line = 0
  lo = 0
  hi = 0
  /** The last position had a part that is out of range. */
  problem = false
  private hasAddress = false
  private hasBlock = false
  private hasLine = true

  /** @param positions the value of the `positions:` line; null = the default, `line`. */
  layout(positions: string | null): void {
    this.hasAddress = positions !== null && /instr|addr/.test(positions)
    this.hasBlock = positions !== null && /\bbb\b/.test(positions)
    this.hasLine = positions === null || positions.includes('line') || !(this.hasAddress || this.hasBlock)
    this.reset()
  }

  /** The line as a frame holds it. */
  get known(): number {
    return this.line > 0 ? this.line : -1
  }

  /** Back to unknown. */
  reset(): void {
    this.line = this.lo = this.hi = 0
  }

  copy(other: Position): void {
    this.line = other.line
    this.lo = other.lo
    this.hi = other.hi
  }

  /**
   * As `parse`, for a line number as nearly all are: `*`, or up to nine decimal digits, with a sign or without. The line has to
   * end with \n. -1: it is another one, and nothing has changed.
   */
  quick(b: Uint8Array, p: number): number {
    if (this.hasAddress || this.hasBlock) return -1
    let c = b[p]
    if (c === 42) return p + 1
    const sign = c === 43 ? 1 : c === 45 ? -1 : 0
    if (sign !== 0) c = b[++p]
    const first = p
    let v = 0
    for (; c > 47 && c < 58; c = b[++p]) v = (Math.imul(v, 10) + c - 48) | 0
    if (p === first || p - first > 9) return -1
    if (sign !== 0) v = this.line + sign * v
    if (v < 0 || v > 0x7fffffff) return -1
    this.line = v
    return p
  }

  /** Reads a position at `p` and returns where its last subposition ends; -1 if there is none. */
  parse(b: Uint8Array, p: number, end: number): number {
    this.problem = false
    if (this.hasAddress) {
      p = this.address(b, p, end)
      if (p >= 0 && (this.hasLine || this.hasBlock)) p = blanks(b, p, end)
    }
    // Basic blocks were numbered by tools long gone; nothing can use the number.
    if (this.hasBlock && p >= 0) p = blanks(b, skip(b, p, end), end)
    if (!this.hasLine || p < 0) return p
    return this.lineNumber(b, p, end)
  }

  private lineNumber(b: Uint8Array, p: number, end: number): number {
    let c = b[p]
    if (c === 42) return this.range(b, p + 1, end)
    let base = 0
    let sign = 1
    if (c === 43 || c === 45) {
      base = this.line
      if (c === 45) sign = -1
      p++
    }
    let v = 0
    const first = p
    if (b[p] === 48 && (b[p + 1] | 32) === 120) {
      for (p += 2; p < end && (c = hexDigit(b[p])) >= 0; p++) v = v * 16 + c
    } else {
      for (; p < end; p++) {
        c = b[p] - 48
        if (c < 0 || c > 9) break
        v = v * 10 + c
      }
    }
    if (p === first) return -1
    const line = base + sign * v
    if (line >= 0 && line <= 0x7fffffff) this.line = line
    else {
      this.line = 0
      this.problem = true
    }
    return p >= end || b[p] <= 32 ? p : this.range(b, p, end)
  }

  private address(b: Uint8Array, p: number, end: number): number {
    const c = b[p]
    if (c === 42) return this.range(b, p + 1, end)
    const sign = c === 45 ? -1 : 1
    const relative = c === 43 || c === 45
    if (relative) p++
    let lo = 0
    let hi = 0
    let digits = 0
    const first = p
    if (b[p] === 48 && (b[p + 1] | 32) === 120) {
      let d: number
      for (p += 2; p < end && (d = hexDigit(b[p])) >= 0; p++) {
        hi = ((hi << 4) | (lo >>> 28)) >>> 0
        lo = ((lo << 4) | d) >>> 0
        if (lo !== 0 || hi !== 0) digits++
      }
    } else {
      for (; p < end; p++) {
        const d = b[p] - 48
        if (d < 0 || d > 9) break
        const low = lo * 10 + d
        hi = hi * 10 + Math.floor(low / U32)
        lo = low % U32
        if (hi >= U32) {
          hi %= U32
          digits = 17
        }
      }
    }
    if (p === first) return -1
    if (digits > 16) {
      this.problem = true
      lo = hi = 0
    } else if (relative) {
      // Sum of halves, with a carry or a borrow; addresses wrap at 2^64 as they do in the profiled program.
      const low = this.lo + sign * lo
      hi = this.hi + sign * hi + Math.floor(low / U32)
      lo = ((low % U32) + U32) % U32
      if (hi < 0 || hi >= U32) {
        this.problem = true
        lo = hi = 0
      }
    }
    this.lo = lo
    this.hi = hi
    return p >= end || b[p] <= 32 ? p : this.range(b, p, end)
  }

  /** Skips what makes a subposition a range. */
  private range(b: Uint8Array, p: number, end: number): number {
    if (p >= end || b[p] <= 32) return p
    if (b[p] !== 45 && b[p] !== 58 && b[p] !== 43) return -1
    return skip(b, p, end)
  }
}

const blanks = (b: Uint8Array, p: number, end: number): number => {
  while (p < end && (b[p] === 32 || b[p] === 9)) p++
  return p
}

const skip = (b: Uint8Array, p: number, end: number): number => {
  while (p < end && b[p] > 32) p++
  return p
}

const hexDigit = (c: number): number => (c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1)
