/**
 * The first pass: where everything is. Fields come in any order (Go's runtime writes strings last and locations between
 * samples), so nothing can be resolved before the end has been seen. Samples are not listed, only counted: the second
 * pass walks the top level again.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { Ints, Spans } from './tables.js'
import type { Wire } from './wire.js'

export interface Contents {
  readonly sampleTypes: Spans
  readonly mappings: Spans
  readonly locations: Spans
  readonly functions: Spans
  readonly strings: Spans
  readonly comments: Ints
  samples: number
  /** All samples lie in `[samplesFrom, samplesTo)`, perhaps with other fields between. */
  samplesFrom: number
  samplesTo: number
  periodType: { start: number; end: number } | null
  /** Rows of the string table, 0 = absent. */
  dropFrames: number
  keepFrames: number
  defaultType: number
  docUrl: number
  timeNanos: bigint
  durationNanos: bigint
  period: bigint
}

const FIELDS = 'sample_type sample mapping location function string_table drop_frames keep_frames time_nanos duration_nanos period_type period comment default_sample_type doc_url'.split(' ') // biome-ignore format: a list

/** Tags. */
const SAMPLE = 0x12
const LOCATION = 0x22
const FUNCTION = 0x2a
const STRING = 0x32

/** A file may not ask for more columns than this; real ones have up to six. */
const MOST_TYPES = 1024

/** Nothing found so far. */
export const contents = (): Contents => ({
  sampleTypes: new Spans(),
  mappings: new Spans(),
  locations: new Spans(),
  functions: new Spans(),
  strings: new Spans(),
  comments: new Ints(),
  samples: 0,
  samplesFrom: 0,
  samplesTo: 0,
  periodType: null,
  dropFrames: 0,
  keepFrames: 0,
  defaultType: 0,
  docUrl: 0,
  timeNanos: 0n,
  durationNanos: 0n,
  period: 0n,
})

/** Walks the top level of a profile. */
export const scan = (w: Wire): Contents => {
  const c = contents()
  /** Fields that hold the index of a string; checked when the number of strings is known. */
  const texts: number[] = []
  const { reader } = w
  for (;;) {
    const tag = w.buf[reader.pos]
    if (tag === SAMPLE) reader.pos = scanSamples(w.buf, reader.pos, reader.len, c)
    else if (tag === LOCATION) reader.pos = scanTable(w.buf, reader.pos, reader.len, tag, c.locations)
    else if (tag === FUNCTION) reader.pos = scanTable(w.buf, reader.pos, reader.len, tag, c.functions)
    else if (tag === STRING) reader.pos = scanTable(w.buf, reader.pos, reader.len, tag, c.strings)
    w.start = reader.pos
    if (!w.next()) break
    const { start } = w
    const what = w.field <= FIELDS.length ? FIELDS[w.field - 1] : ''
    switch (w.field) {
      case 1:
      case 3:
      case 4:
      case 5:
      case 6: {
        const end = skipBytes(w, what)
        ;[c.sampleTypes, c.sampleTypes, c.mappings, c.locations, c.functions, c.strings][w.field - 1].push(contentStart, end)
        break
      }
      case 2: {
        c.samplesTo = skipBytes(w, what)
        if (c.samples++ === 0) c.samplesFrom = start
        break
      }
      case 7:
      case 8:
      case 14:
      case 15:
        w.int(what)
        texts[w.field] = stringIndex(w)
        break
      case 9:
        w.int(what)
        if (c.timeNanos !== 0n) {
          throw w.error('concatenated', 'time_nanos stands here for the second time: these are several profiles, one after the other', {
            hint: 'split the file and merge the profiles with `profconv merge`',
          })
        }
        c.timeNanos = w.bigInt()
        break
      case 10:
        w.int(what)
        c.durationNanos = w.bigInt()
        break
      case 11: {
        const end = skipBytes(w, what)
        c.periodType = { start: contentStart, end }
        break
      }
      case 12:
        w.int(what)
        c.period = w.bigInt()
        break
      case 13:
        if (w.type !== 2) {
          w.int(what)
          c.comments.push(stringIndex(w))
        } else {
          const outer = w.open(what)
          while (w.reader.pos < w.reader.len) {
            w.varint()
            c.comments.push(stringIndex(w))
          }
          w.close(outer)
        }
        break
      default:
        w.skip()
    }
  }
  const text = (field: number): number => checked(w, c, texts[field] ?? 0, FIELDS[field - 1])
  c.dropFrames = text(7)
  c.keepFrames = text(8)
  c.defaultType = text(14)
  c.docUrl = text(15)
  for (let i = 0; i < c.comments.length; i++) checked(w, c, c.comments.data[i], 'comment')
  checkTables(w, c)
  return c
}

// Nearly all fields are samples, locations, functions and strings, of less than 16 KiB, and follow others of their kind: loops of
// their own, without reading tags and lengths by `next`. Were they one, it would be compiled anew for every kind.

/** Counts samples and gives the end of the last. */
const scanSamples = (buf: Uint8Array, from: number, limit: number, c: Contents): number => {
  let at = from
  while (at + 3 < limit && buf[at] === SAMPLE) {
    const low = buf[at + 1]
    const high = low > 127 ? buf[at + 2] : 0
    const end = at + (low > 127 ? 3 : 2) + ((low & 127) | (high << 7))
    if (high > 127 || end > limit) break
    if (c.samples++ === 0) c.samplesFrom = at
    at = c.samplesTo = end
  }
  return at
}

/** Lists the fields of one tag and gives the end of the last. */
const scanTable = (buf: Uint8Array, from: number, limit: number, tag: number, spans: Spans): number => {
  let at = from
  while (at + 3 < limit && buf[at] === tag) {
    const low = buf[at + 1]
    const high = low > 127 ? buf[at + 2] : 0
    const start = at + (low > 127 ? 3 : 2)
    const end = start + ((low & 127) | (high << 7))
    if (high > 127 || end > limit) break
    spans.push(start, end)
    at = end
  }
  return at
}

let contentStart = 0

/** Skips a length-delimited field; gives its end, and its start in `contentStart`. */
const skipBytes = (w: Wire, what: string): number => {
  w.expect(2, what)
  const size = w.length()
  contentStart = w.reader.pos
  w.reader.pos += size
  return w.reader.pos
}

/** The last varint as an index of strings, -1 for one that no table can have. */
const stringIndex = (w: Wire): number => (w.hi === 0 && w.lo >= 0 ? w.lo : -1)

const checked = (w: Wire, c: Contents, index: number, what: string): number => {
  if (index === 0 || (index > 0 && index < c.strings.length) || c.strings.length === 0) return index
  throw w.error('string-index', `${what} refers to string ${index < 0 ? 'beyond 2^31' : index}, but there are ${c.strings.length}`, {
    at: undefined,
  })
}

const checkTables = (w: Wire, c: Contents): void => {
  if (c.strings.length === 0) {
    throw w.error('no-strings', 'there is no string table', {
      at: undefined,
      expected: 'a profile.proto with string_table[0] = ""',
      hint: 'is this a pprof profile at all? If so, it is cut off: Go writes the strings last',
    })
  }
  if (c.strings.end(0) !== c.strings.start(0)) {
    throw w.error('first-string', 'the first string of the table is not empty', { at: { byte: c.strings.start(0) }, expected: '""' })
  }
  if (c.sampleTypes.length > MOST_TYPES) {
    throw new ProfconvError('limit', 'pprof/sample-types', `${c.sampleTypes.length} sample types are more than the ${MOST_TYPES} allowed`)
  }
  if (c.sampleTypes.length > 0) return
  if (c.samples === 0) throw new ProfconvError('empty', 'pprof/empty', 'the profile has no sample types and no samples')
  throw w.error('no-sample-types', `the profile has ${c.samples} samples, but no sample type says what they count`, {
    at: { byte: c.samplesFrom },
    hint: 'the program that wrote it must set sample_type',
  })
}
