/** The lines above gprof's tables, in all dialects: GNU, BSD and macOS, AIX, and one for embedded processors that counts cycles. */

/** The last title of the flat profile: `time   seconds   seconds    calls  ms/call  ms/call  name`. */
export const FLAT_TITLE = /^\s*(?:time|%)\s+(\w+)\s+(\w+)\s+calls\s+\S+\s+\S+\s+name\s*$/

/** The title of the call graph, and the two that BSD puts around it. */
export const GRAPH_TITLE = /^index\s+%\s*(?:time\s+)?self\s+(?:children|descendents)\s+called(?:\+self)?\s+name(?:\s+index)?\s*$/
export const AROUND_TITLE = /^\s*called\/total\s+(?:parents|children)\s*$/

/** Below the titles of the embedded dialect: what its numbers are multiples of. */
export const KILO = /^\s*\(K\)(?:\s+\(K\))*\s*$/

export const INDEX_TITLE = /^Index by function name\s*$/
export const PERIOD = /^Each sample counts as (\d{0,9})\.?(\d{0,9}) seconds\.\s*$/
export const NO_TIME = /^\s*no time (?:accumulated|propagated)\s*$|\bno time propagated\b/
