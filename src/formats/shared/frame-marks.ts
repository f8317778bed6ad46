/**
 * The marks that FlameGraph's family puts behind the names of folded stacks: what kind of code a frame runs, and whether
 * it was inlined. perf's collapsers write k, i, j, w; async-profiler adds 0 (interpreted) and 1 (compiled by C1).
 */
import { FrameKind, InlineFlag } from '../../model/profile.js'

/** The letter of the mark → FrameKind. `i` (inlined) is not a kind: a frame may be both. */
export const KIND_OF_MARK: ReadonlyMap<number, number> = new Map(
  Object.entries({ k: FrameKind.kernel, j: FrameKind.jit, '0': FrameKind.interpreted, '1': FrameKind.c1, w: FrameKind.waker }).map(
    ([letter, kind]) => [letter.charCodeAt(0), kind],
  ),
)

const MARK_OF_KIND = new Map([...KIND_OF_MARK].map(([letter, kind]) => [kind, `_[${String.fromCharCode(letter)}]`]))

/** What stands behind the name of a frame: '' mostly, `_[k]`, `_[j]_[i]`, … */
export const marksOf = (kind: number, inline: number): string =>
  (MARK_OF_KIND.get(kind) ?? '') + ((inline & InlineFlag.inlined) !== 0 ? '_[i]' : '')
