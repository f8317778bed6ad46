/** The JSON Schema of a dump, made from the schema of the model. docs/dump.schema.json must equal it. */
import { GRAPH_TABLES, PROFILE_TABLES } from '../../../src/formats/dump/layout.js'
import { META, VERSION } from '../../../src/formats/dump/meta.js'
import { type ColumnKind, columnsOf, type TableName } from '../../../src/model/schema.js'

const ref = (name: string) => ({ $ref: `#/$defs/${name}` })
const object = (properties: Record<string, unknown>, required: string[] = [], description?: string) => ({
  ...(description === undefined ? {} : { description }),
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const list = (items: unknown) => ({ type: 'array', items })
const int32 = (minimum: number) => ({ type: 'integer', minimum, maximum: 2 ** 31 - 1 })

const column = (kind: ColumnKind): unknown => {
  switch (kind.kind) {
    case 'ref':
      return {
        description: `rows of ${kind.table}${kind.optional ? '; -1 = absent' : ''}`,
        ...ref(kind.optional ? 'optionalRows' : 'rows'),
      }
    case 'parent':
      return { description: 'earlier rows of this table; -1 = root', ...ref('optionalRows') }
    case 'i32':
      return { description: '-1 = unknown', ...ref('integers') }
    case 'u8':
      return { description: '0 = unknown or none', ...ref('bytes') }
    case 'u64':
      return { description: '0 = unknown', ...ref('addresses') }
    case 'f64':
      return { description: 'null = unknown', ...ref('numbers') }
    case 'num':
      return { description: kind.absent === 0 ? 'if left out: 0' : 'null = not measured', ...ref('numbers') }
    case 'values':
      return { description: `one column per value type; if left out: ${kind.absent === 0 ? '0' : 'not measured'}`, ...list(ref('numbers')) }
  }
}

const table = (name: TableName): unknown => {
  const properties: Record<string, unknown> = {}
  for (const [key, kind] of columnsOf(name)) {
    properties[key] = column(kind)
    if (kind.kind === 'num') properties[`${key}Rest`] = { description: `exact value = ${key} + ${key}Rest`, ...ref('rests') }
    if (kind.kind === 'values') {
      properties[`${key}Rest`] = {
        description: `exact value = ${key} + ${key}Rest; an empty column = nothing to add`,
        ...list(ref('rests')),
      }
    }
  }
  return object(properties)
}

const FACTS = {
  string: { type: 'string' },
  strings: list({ type: 'string' }),
  bigint: { type: 'string', pattern: '^-?[0-9]+$' },
  number: ref('number'),
  valueType: ref('valueType'),
} as const

/** The whole schema. */
export const dumpSchema = (): unknown => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: `profconv dump, version ${VERSION}`,
  description: 'Described in DUMP.md. What a schema cannot say: references must exist, and the columns of a table have one length.',
  ...object(
    {
      profconv: object({ version: { const: VERSION } }, ['version'], 'the first key of the file'),
      profiles: { ...list(ref('profile')), minItems: 1 },
    },
    ['profconv', 'profiles'],
  ),
  $defs: {
    profile: object(
      {
        meta: ref('meta'),
        valueTypes: list(ref('valueType')),
        strings: { ...list(ref('string')), uniqueItems: true },
        ...Object.fromEntries(PROFILE_TABLES.map((t) => [t, ref(t)])),
        graph: object(Object.fromEntries(GRAPH_TABLES.map((t) => [t, ref(t)])), [], 'left out if there is no call graph'),
      },
      ['valueTypes', 'strings'],
      'keys in this order',
    ),
    meta: object(Object.fromEntries(Object.entries(META).map(([key, kind]) => [key, FACTS[kind]]))),
    valueType: object({ name: { type: 'string' }, unit: { type: 'string' } }, ['name', 'unit']),
    string: {
      anyOf: [{ type: 'string' }, object({ hex: { type: 'string', pattern: '^([0-9a-fA-F]{2})*$' } }, ['hex'], 'bytes that are not UTF-8')],
    },
    number: { anyOf: [{ type: 'number' }, { enum: [null, 'Infinity', '-Infinity'] }] },
    numbers: list(ref('number')),
    rests: list({ type: 'integer' }),
    integers: list(int32(-(2 ** 31))),
    rows: list(int32(0)),
    optionalRows: list(int32(-1)),
    bytes: list({ type: 'integer', minimum: 0, maximum: 255 }),
    addresses: list({ type: 'string', pattern: '^(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$' }),
    ...Object.fromEntries([...PROFILE_TABLES, ...GRAPH_TABLES].map((t) => [t, table(t)])),
  },
})
