/**
 * Reads a dump: a loop over the schema of the model, streaming every column into a typed array. A dump may come from
 * anybody, so nothing in it is believed: references, lengths, order, repeated keys and versions are checked as they come.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import type { Input } from '../../io/input.js'
import { json, readJson, type Shape } from '../../io/json.js'
import type { CallGraph, Profile, ProfileMeta, ValueType } from '../../model/profile.js'
import type { AnyTable, TableName } from '../../model/schema.js'
import { encodeString, StringInterner } from '../../model/strings.js'
import { validate } from '../../model/validate.js'
import type { Context } from '../format.js'
import { GRAPH_TABLES, PROFILE_KEYS, PROFILE_TABLES } from './layout.js'
import { checkHeader, duplicateKey, META, readFact, shown, valueTypeOf } from './meta.js'
import { TableReader } from './table-reader.js'

/** Reads all profiles of a dump. */
export const read = async (input: Input, ctx: Context): Promise<Profile[]> => {
  const profiles: Profile[] = []
  let header = false
  let list = false
  const unknown = (key: string): void =>
    ctx.report({ severity: 'warning', code: 'dump/unknown-key', message: `${shown(key)} is no key of a dump and is left out` })
  const withHeader = (): void => {
    if (!header) throw malformed('dump/no-header', 'the profiles come before the version', { expected: 'the key "profconv" first' })
    if (list) throw duplicateKey('profiles')
    list = true
  }
  let current = new ProfileReader(unknown)
  const profile = json.lazy(() => {
    current = new ProfileReader(unknown)
    return json.object({}, { rest: (key) => current.key(key), end: () => profiles.push(current.finish()) })
  })
  const shape = json.object(
    {
      profconv: json.value((value, at) => {
        if (header) throw duplicateKey('profconv')
        header = true
        checkHeader(value, at)
      }),
      profiles: json.array(profile, { start: withHeader }),
    },
    { rest: (key) => void unknown(key) },
  )
  await readJson(input, shape, {
    code: 'dump',
    onInvalidUtf8: (byte) =>
      ctx.report({ severity: 'warning', code: 'dump/invalid-utf8', message: 'bytes that are not UTF-8 became U+FFFD', at: { byte } }),
  })
  if (!header) throw malformed('dump/no-header', 'there is no key "profconv"', { expected: '{"profconv": {"version": 1}, …}' })
  if (profiles.length === 0) throw new ProfconvError('empty', 'dump/empty', 'the dump has no profiles', { expected: 'at least one' })
  return profiles
}

/** One profile on its way in. */
class ProfileReader {
  private readonly meta: Record<string, unknown> = {}
  private readonly valueTypes: ValueType[] = []
  private readonly strings = new StringInterner()
  private readonly tables = new Map<string, AnyTable>()
  private open: { name: TableName; reader: TableReader } | undefined
  private last = -1

  constructor(private readonly unknown: (key: string) => void) {}

  /** The shape of a key of the profile. */
  key(key: string): Shape {
    const rank = PROFILE_KEYS.indexOf(key)
    if (rank < 0) {
      this.unknown(key)
      return json.skip
    }
    if (rank === this.last) throw duplicateKey(key)
    if (rank < this.last) {
      throw malformed('dump/order', `${key} comes after ${PROFILE_KEYS[this.last]}`, {
        expected: `the order ${PROFILE_KEYS.join(', ')}`,
      })
    }
    this.last = rank
    switch (key) {
      case 'meta':
        return json.object({}, { rest: (fact) => this.fact(fact) })
      case 'valueTypes':
        return json.each((value, index, at) => this.valueTypes.push(valueTypeOf(value, `valueTypes[${index}]`, at)))
      case 'strings':
        return json.each((value, index, at) => this.string(value, index, at))
      case 'graph':
        return this.graph()
      default:
        return this.table(key as TableName)
    }
  }

  finish(): Profile {
    this.closeTable()
    const table = (name: TableName): AnyTable => this.tables.get(name) ?? this.reader(name).finish()
    const hasGraph = this.tables.has('graph')
    const profile = {
      ...(Object.fromEntries(PROFILE_TABLES.map((name) => [name, table(name)])) as unknown as Profile),
      meta: this.meta,
      valueTypes: this.valueTypes,
      strings: this.strings.finish(),
      samples: (this.tables.get('samples') ?? null) as Profile['samples'],
      graph: hasGraph ? (Object.fromEntries(GRAPH_TABLES.map((name) => [name, table(name)])) as unknown as CallGraph) : null,
      extras: new Map(),
    }
    const [problem] = validate(profile)
    if (problem !== undefined) throw malformed('dump/invalid', problem, { expected: 'a sound profile' })
    return profile
  }

  private fact(key: string): Shape {
    if (!Object.hasOwn(META, key)) {
      this.unknown(`meta.${key}`)
      return json.skip
    }
    if (Object.hasOwn(this.meta, key)) throw duplicateKey(`meta.${key}`)
    return json.value((value, at) => {
      this.meta[key] = readFact(key as keyof ProfileMeta, value, at)
    })
  }

  private graph(): Shape {
    let last = -1
    const rest = (key: string): Shape => {
      const rank = GRAPH_TABLES.indexOf(key as TableName)
      if (rank < 0) {
        this.unknown(`graph.${key}`)
        return json.skip
      }
      if (rank === last) throw duplicateKey(`graph.${key}`)
      if (rank < last) {
        throw malformed('dump/order', `graph.${key} comes after graph.${GRAPH_TABLES[last]}`, {
          expected: `the order ${GRAPH_TABLES.join(', ')}`,
        })
      }
      last = rank
      return this.table(key as TableName)
    }
    const start = (): void => void this.tables.set('graph', { length: 0 })
    return json.object({}, { start, rest })
  }

  private table(name: TableName): Shape {
    this.closeTable()
    this.open = { name, reader: this.reader(name) }
    return this.open.reader.shape
  }

  /** A table is complete when the next one begins. */
  private closeTable(): void {
    if (this.open !== undefined) this.tables.set(this.open.name, this.open.reader.finish())
    this.open = undefined
  }

  private reader(name: TableName): TableReader {
    const rowsOf = (table: string): number => (table === 'strings' ? this.strings.length : (this.tables.get(table)?.length ?? 0))
    return new TableReader(name, this.valueTypes.length, rowsOf, this.unknown)
  }

  private string(value: unknown, index: number, at: number): void {
    const bytes = typeof value === 'string' ? encodeString(value) : hexOf(value)
    if (bytes === undefined) {
      throw malformed('dump/wrong-value', `strings[${index}] is ${shown(value)}`, {
        at: { byte: at },
        expected: 'a string, or {"hex": "…"} for bytes that are not UTF-8',
      })
    }
    if (this.strings.internBytes(bytes, 0, bytes.length) !== index)
      throw malformed('dump/duplicate-string', `strings[${index}] repeats an earlier string`, {
        at: { byte: at },
        expected: 'distinct strings',
      })
  }
}

const hexOf = (value: unknown): Uint8Array | undefined => {
  const hex = typeof value === 'object' && value !== null ? (value as { hex?: unknown }).hex : undefined
  if (typeof hex !== 'string' || !/^(?:[0-9a-f]{2})*$/i.test(hex)) return undefined
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16))
}
