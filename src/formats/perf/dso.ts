/** What a frame runs in: the text in brackets behind a symbol. */
import { FrameKind } from '../../model/profile.js'

/** Names in square brackets that are not the kernel's. */
const USER_AREAS = /^\[(?:unknown|vdso|vdso32|vdsox32|vsyscall|heap|stack|anon|vvar|uprobes)\b/

/** What kind of code a binary's name tells of: the kernel and its modules, or what a JIT compiler made. */
export const kindOfDso = (dso: string): number => {
  if (/^\/tmp\/perf-\d+\.map$|(^|\/)jitted-\d+-\d+\.so$|^\[JIT\]|\[JIT app cache\]|jit app cache/i.test(dso)) return FrameKind.jit
  if (dso.startsWith('[')) return USER_AREAS.test(dso) ? FrameKind.unknown : FrameKind.kernel
  if (/(^|\/)vmlinux(-[^/]*)?$|\.ko(\.(gz|xz|zst))?$|^bpf_(prog|trampoline|dispatcher)_/.test(dso)) return FrameKind.kernel
  return FrameKind.unknown
}

/** Does the name say that perf knows of no binary? Old versions print nothing. */
export const isNoDso = (dso: string): boolean => dso === '' || dso === '[unknown]'
