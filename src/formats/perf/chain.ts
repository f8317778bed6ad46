/**
 * From the lines of a sample to the frames of its stack, where that takes more than looking each line up: inlined frames,
 * source lines, several methods in one line.
 */
import type { ProfileBuilder } from '../../model/builder.js'
import { RowInterner } from '../../model/interner.js'
import { InlineFlag } from '../../model/profile.js'
import type { FrameLines } from './frame-lines.js'
import type { SourceLines } from './source-lines.js'

export class Chain {
  /** Frames, leaf first. */
  frames: number[] = []
  private readonly functions = new RowInterner(2)
  /** File of a function: that of the first line seen in it. */
  private readonly fileOf: number[] = []

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly lines: FrameLines,
    private readonly sources: SourceLines,
    private readonly addresses: boolean,
  ) {}

  /** The frame of a line that needs no look at its neighbours. */
  plain(line: number): number {
    return this.frame(this.lines.nameOf(line), line, line, 0, 0)
  }

  /**
   * Fills `frames` from `n` lines, leaf first.
   *
   * perf marks with `(inlined)` in place of the binary what debug information knows as inlined, and repeats the address. It
   * does so too with a function that has two names, when the other one is meant (`__GI___libc_malloc`): then the address
   * is no caller's, and the frame is as physical as any.
   */
  fill(line: Int32Array, source: Int32Array, n: number): void {
    const { lines, sources } = this
    this.frames.length = 0
    const inward: number[] = []
    let physical = -1
    for (let i = n - 1; i >= 0; i--) {
      const own = line[i]
      const marked = lines.isInlined(own) || (source[i] > 0 && sources.get(source[i]).inlined)
      if (marked && physical >= 0 && lines.loOf(own) === lines.loOf(physical) && lines.hiOf(own) === lines.hiOf(physical)) {
        inward.push(this.frame(lines.nameOf(own), own, physical, source[i], InlineFlag.inlined))
        continue
      }
      physical = own
      const chain = lines.chainOf(own)
      if (chain === undefined) inward.push(this.frame(lines.nameOf(own), own, own, source[i], 0))
      else
        for (let k = 0; k < chain.length; k++)
          inward.push(this.frame(chain[k], own, own, k + 1 === chain.length ? source[i] : 0, k > 0 ? InlineFlag.inlined : 0))
    }
    for (let i = inward.length - 1; i >= 0; i--) this.frames.push(inward[i])
  }

  /** @param line has the address, @param owner the line that says the binary. */
  private frame(name: number, line: number, owner: number, source: number, inline: number): number {
    const { builder, lines } = this
    const mapping = lines.mappingOf(owner)
    const place = source > 0 ? this.sources.get(source) : undefined
    let file = -1
    if (name >= 0 && this.sources.length > 0) {
      const key = this.functions.intern2(name, mapping)
      if (place !== undefined && place.file >= 0) file = this.fileOf[key] ??= place.file
      else file = this.fileOf[key] ?? -1
    }
    const fn = name < 0 ? -1 : builder.func(name, file, -1, -1, -1, mapping)
    const other = place !== undefined && place.file !== file ? place.file : -1
    const lo = this.addresses ? lines.loOf(line) : 0
    const hi = this.addresses ? lines.hiOf(line) : 0
    return builder.frame(fn, place?.line ?? -1, -1, other, mapping, inline, lines.kindOf(owner), lo, hi)
  }
}
