// A program that does not exist, and what a profiler would see of it: a call graph of 12,000 functions, seeded, in which
// most calls go the usual way. That is what makes stacks share long prefixes, as they do in every real profile, and
// what a generator of independent random frames misses.

/** A small, fast generator of numbers (mulberry32). */
export const random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

export const WORDS = ['parse', 'decode', 'handle', 'serve', 'query', 'render', 'merge', 'scan', 'flush', 'compress', 'route', 'lookup']

export const FUNCTIONS = 12_000
/** Functions are called in layers, so that walks get deep; each layer is used by Zipf's law. */
const LAYERS = 60
const PER_LAYER = FUNCTIONS / LAYERS
/** The usual way out of a function is taken this often. */
const HEAVY = 0.8
/** Share of functions that only pass on to one other: the more, the fewer distinct stacks. */
const PASS_ON = 0.71
const MOST_SITES = 5
/** Addresses in one function at which it was caught running itself. */
const OWN = 3

/**
 * The call graph. A *place* is a position in a function: a call site or one of `OWN` addresses of its own code.
 * `places` counts them all; per place: `functionOf`, `calleeOf` (-1 for own code), `inlined` (1: a small function was
 * inlined there). Figures of 100,000 walks at depth 30: 33,000 stacks, 7,500 places, 2,800 functions, 22 % inlined.
 */
export const program = ({ seed = 1, passOn = PASS_ON } = {}) => {
  const rand = random(seed)
  const firstPlace = new Int32Array(FUNCTIONS + 1)
  const functionOf = []
  const calleeOf = []
  const inlined = []
  const place = (f, callee) => {
    functionOf.push(f)
    calleeOf.push(callee)
    inlined.push(rand() < 0.24 ? 1 : 0)
  }
  for (let f = 0; f < FUNCTIONS; f++) {
    firstPlace[f] = functionOf.length
    const layer = Math.floor(f / PER_LAYER)
    const sites = rand() < passOn ? 1 : 2 + Math.floor(rand() * (MOST_SITES - 1))
    const next = (layer + 1) % LAYERS
    for (let s = 0; s < sites; s++) place(f, next * PER_LAYER + Math.floor(PER_LAYER * rand() ** 2.5))
    for (let o = 0; o < OWN; o++) place(f, -1)
  }
  firstPlace[FUNCTIONS] = functionOf.length
  return { places: functionOf.length, firstPlace, functionOf: Int32Array.from(functionOf), calleeOf: Int32Array.from(calleeOf), inlined }
}

/**
 * Walks of a program: `next(path)` fills `path` with the places of one stack from the root and returns its depth,
 * about `depth` on average, `tail` of them by chance. `from`: so many places of the last stack are still there.
 */
export const walker = (p, rand, depth = 30, tail = 0.4 * depth) => {
  const deepEnough = Math.round(depth - tail)
  const stop = 1 / (depth - deepEnough)
  return (path, from = 0) => {
    let f = from > 0 ? p.calleeOf[path[from - 1]] : Math.floor(3 * rand() ** 3)
    for (let d = from; ; d++) {
      const first = p.firstPlace[f]
      const own = p.firstPlace[f + 1] - OWN
      const ends = d >= path.length - 1 || (d >= deepEnough && rand() < stop)
      if (ends) {
        path[d] = own + Math.floor(OWN * rand() ** 2)
        return d + 1
      }
      let site = first
      // Beyond the usual way, the others share what is left, the first of them most of it.
      if (own - first > 1 && rand() >= HEAVY) site += 1 + Math.floor((own - first - 1) * rand() ** 2)
      path[d] = site
      f = p.calleeOf[site]
    }
  }
}

export const goName = (f) => `example.com/app/pkg${f % 97}.(*Worker${f % 13}).${WORDS[f % WORDS.length]}${f}`
export const goFile = (f) => `/srv/app/pkg${f % 97}/file${f % 211}.go`
