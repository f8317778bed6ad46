/**
 * What a format must do, as a list of checks. For the format: its descriptor is complete, its detection never throws. For every
 * fixture: it is recognised by content alone against all other formats; it reads into a valid profile that equals its golden,
 * however the bytes are cut into chunks; damaged copies give an error of ours, in bounded time. For every profile (the
 * fixtures' own and those given): the fidelity table is honest.
 */
import { detect, headOf } from '../convert/detect.js'
import { type ReadResult, readProfiles } from '../convert/read.js'
import { FEATURES, type Feature, type Format } from '../formats/format.js'
import { BUILTIN_FORMATS } from '../formats/index.js'
import { ProfconvError } from '../io/diagnostics.js'
import { type GzipCodec, isGzip, pakoCodec } from '../io/gzip.js'
import { bytesSource, openInput, streamSource } from '../io/source.js'
import { dumpText } from '../model/dump.js'
import type { Profile } from '../model/profile.js'
import { validate } from '../model/validate.js'
import { fidelityProblems, optionsOf, orderProblem, roundTripProblem, unneededProblems } from './fidelity.js'
import { difference, failureText, goldenText } from './golden.js'
import { bitFlips, truncations } from './hostile.js'

/** A file that a real tool wrote (or a person, to show something). */
export interface Fixture {
  readonly name: string
  readonly bytes: Uint8Array
  /** What `goldenText` should give; without it, that is not checked. */
  readonly golden?: string
  /** The file must be refused. */
  readonly invalid?: boolean
}

export interface Check {
  readonly name: string
  /** Throws if the format does not conform. */
  readonly run: () => Promise<void>
}

export interface ConformanceOptions {
  /** The formats to tell this one apart from; default: all that come with profconv. */
  readonly formats?: readonly Format[]
  /** More profiles for the checks of fidelity: converted from elsewhere, or generated. */
  readonly profiles?: readonly { readonly name: string; readonly profile: Profile }[]
  readonly codec?: GzipCodec
  /** Given, goldens are handed to it instead of being compared. */
  readonly bless?: (fixture: string, golden: string) => void
  /** Damaged copies per fixture (default 12). */
  readonly flips?: number
}

const fail = (message: string): never => {
  throw new Error(message)
}

/** All checks of a format. */
export const conformanceChecks = (format: Format, fixtures: readonly Fixture[], options: ConformanceOptions = {}): Check[] => [
  { name: 'the descriptor is complete', run: async () => checkDescriptor(format) },
  { name: 'detection takes any bytes', run: async () => checkDetection(format) },
  ...fixtures.flatMap((f) => fixtureChecks(format, f, options)),
  ...(options.profiles ?? []).flatMap(({ name, profile }) => profileChecks(format, name, async () => [profile], options, false)),
]

const checkDescriptor = (format: Format): void => {
  const { id, fidelity, notes = {} } = format
  if (!/^[a-z][a-z0-9-]*$/.test(id)) fail(`the id ${JSON.stringify(id)} is not kebab-case`)
  if (format.name.trim() === '') fail('there is no name')
  if (!/^(https?:\/\/|docs\/)/.test(format.spec)) fail(`the spec ${JSON.stringify(format.spec)} is no address`)
  if (format.reader === undefined && format.writer === undefined) fail('it neither reads nor writes')
  if ((format.reader === undefined) !== (format.detect === undefined)) fail('a reader and detect come together')
  for (const e of format.extensions)
    if (e !== e.toLowerCase() || e.startsWith('.')) fail(`the extension ${e} is not lower case without a dot`)
  for (const feature of Object.keys(FEATURES) as Feature[]) {
    if (!['full', 'partial', 'none'].includes(fidelity[feature])) fail(`fidelity does not say whether it keeps ${feature}`)
    if (fidelity[feature] === 'partial' && !notes[feature]) fail(`${feature} is 'partial' and no note says what is kept`)
  }
  for (const options of optionsOf(format)) {
    for (const feature of format.ignores?.(options) ?? [])
      if (fidelity[feature] === 'full') fail(`it ignores ${feature} with ${JSON.stringify(options)}, but keeps it in full`)
  }
  for (const key of [...Object.keys(fidelity), ...Object.keys(notes)]) if (!Object.hasOwn(FEATURES, key)) fail(`${key} is no feature`)
  for (const [name, o] of Object.entries({ ...format.readOptions, ...format.writeOptions, ...format.compareOptions })) {
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) fail(`the option ${name} is not camelCase`)
    if (o.default !== undefined && typeof o.default !== o.type) fail(`the default of ${name} is no ${o.type}`)
    if (o.choices !== undefined && o.default !== undefined && !o.choices.includes(String(o.default)))
      fail(`the default of ${name} is no choice`)
  }
}

const checkDetection = (format: Format): void => {
  if (format.detect === undefined) return
  const text = (s: string): Uint8Array => new TextEncoder().encode(s)
  const heads = [
    new Uint8Array(0),
    text('{'),
    text('{"'),
    text('[]'),
    text('\n\n'),
    text('a;b 1'),
    text('null'),
    Uint8Array.of(0xff, 0xfe),
    Uint8Array.of(0x1f, 0x8b),
  ]
  for (const { bytes } of bitFlips(new Uint8Array(64), 50)) heads.push(bytes)
  for (const bytes of heads) {
    for (const complete of [true, false]) {
      const score = format.detect(headOf(bytes, complete))
      if (!(score >= 0 && score <= 100)) fail(`detect gave ${score} for [${bytes}]`)
    }
  }
}

const fixtureChecks = (format: Format, fixture: Fixture, options: ConformanceOptions): Check[] => {
  const codec = options.codec ?? pakoCodec
  const formats = withFormat(options.formats ?? BUILTIN_FORMATS, format)
  const readBytes = (bytes: Uint8Array): Promise<ReadResult> =>
    readProfiles(bytesSource(fixture.name, bytes), { formats, from: format.id, codec })
  let once: Promise<ReadResult> | undefined
  const read = (): Promise<ReadResult> => (once ??= readBytes(fixture.bytes))
  const check = (name: string, run: () => Promise<void>): Check => ({ name: `${fixture.name}: ${name}`, run })
  const golden = (text: () => Promise<string>): Check[] =>
    fixture.golden === undefined && options.bless === undefined
      ? []
      : [
          check('equals its golden', async () => {
            const now = await text()
            if (options.bless !== undefined) return options.bless(fixture.name, now)
            const diff = difference(fixture.golden!, now)
            if (diff !== '') fail(`what was read has changed; if that is right, bless it:\n${diff}`)
          }),
        ]
  const list = [
    check('is recognised by content alone', async () => {
      const { format: winner } = await detect(await openInput(bytesSource('input', fixture.bytes), { codec }), formats)
      if (winner.id !== format.id) fail(`it was taken for ${winner.id}`)
    }),
    check('damaged copies give errors of ours', () => checkHostile(fixture.bytes, readBytes, codec, options.flips ?? 12)),
  ]
  if (fixture.invalid) {
    const refusal = async (): Promise<ProfconvError> => {
      const error = await read().then(
        () => null,
        (e: unknown) => e,
      )
      return error instanceof ProfconvError ? error : fail(error === null ? 'it was read' : `it was refused by another error: ${error}`)
    }
    return [...list, check('is refused', async () => void (await refusal())), ...golden(async () => failureText(await refusal()))]
  }
  return [
    ...list,
    check('reads into a valid profile', async () => {
      for (const p of (await read()).profiles) for (const problem of validate(p)) fail(problem)
    }),
    ...golden(async () => {
      const { profiles, diagnostics } = await read()
      return goldenText(profiles, diagnostics)
    }),
    check('reads the same however it is cut', () => checkChunks(fixture, read, format, formats, codec)),
    ...profileChecks(format, fixture.name, async () => (await read()).profiles, options, true),
  ]
}

/** The list with this very format in it, in place of another of its id. */
const withFormat = (formats: readonly Format[], format: Format): Format[] => [...formats.filter((f) => f.id !== format.id), format]

/** Bytes one at a time only where that is quick. */
const ONE_BY_ONE = 30_000

const checkChunks = async (
  fixture: Fixture,
  read: () => Promise<ReadResult>,
  format: Format,
  formats: readonly Format[],
  codec: GzipCodec,
): Promise<void> => {
  const textOf = ({ profiles, diagnostics }: ReadResult): string =>
    [...profiles.map((p) => dumpText(p, { keepOrder: true })), JSON.stringify(diagnostics)].join('\n')
  const whole = textOf(await read())
  for (const size of fixture.bytes.length <= ONE_BY_ONE ? [1, 7] : [7]) {
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      // Copies: a reader must not look beyond its chunk.
      for (let i = 0; i < fixture.bytes.length; i += size) yield fixture.bytes.slice(i, i + size)
    }
    const cut = textOf(await readProfiles(streamSource(fixture.name, chunks()), { formats, from: format.id, codec }))
    const diff = difference(whole, cut)
    if (diff !== '') fail(`in chunks of ${size} it reads differently:\n${diff}`)
  }
}

/** A damaged file takes no longer than this, in milliseconds, plus fifty times the whole file. */
const PATIENCE = 3000

const checkHostile = async (
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => Promise<ReadResult>,
  codec: GzipCodec,
  flips: number,
): Promise<void> => {
  const plain = isGzip(bytes) ? await unpacked(bytes, codec) : bytes
  const start = performance.now()
  await read(plain).catch(() => undefined)
  const limit = PATIENCE + 50 * (performance.now() - start)
  const damaged = [...truncations(plain), ...bitFlips(plain, flips)]
  if (plain !== bytes) damaged.push(...truncations(bytes), ...bitFlips(bytes, flips))
  for (const copy of damaged) {
    const from = performance.now()
    try {
      for (const p of (await read(copy.bytes)).profiles) for (const problem of validate(p)) fail(`${copy.name}: ${problem}`)
    } catch (error) {
      if (!(error instanceof ProfconvError))
        throw new Error(`${copy.name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
    }
    const took = performance.now() - from
    if (took > limit) fail(`${copy.name}: reading took ${Math.round(took)} ms`)
  }
}

const unpacked = async (bytes: Uint8Array, codec: GzipCodec): Promise<Uint8Array> =>
  (await openInput(bytesSource('packed', bytes), { codec })).input.bytes()

const profileChecks = (
  format: Format,
  name: string,
  profiles: () => Promise<readonly Profile[]>,
  { codec = pakoCodec }: ConformanceOptions,
  own: boolean,
): Check[] =>
  format.writer === undefined
    ? []
    : [
        {
          name: `${name}: what is kept in full survives a round trip`,
          run: async () => {
            const list = await profiles()
            const problem = await roundTripProblem(format, list, { codec, own })
            if (problem !== null) fail(problem)
            for (const p of list.length > 1 ? list : []) {
              const alone = await roundTripProblem(format, [p], { codec, own })
              if (alone !== null) fail(alone)
            }
          },
        },
        {
          name: `${name}: what is not kept makes no difference`,
          run: async () => {
            for (const p of (await profiles()).slice(0, 3)) for (const problem of await fidelityProblems(format, p, codec)) fail(problem)
          },
        },
        {
          name: `${name}: what readers may leave out makes no difference`,
          run: async () => {
            for (const p of (await profiles()).slice(0, 3)) for (const problem of await unneededProblems(format, p, codec)) fail(problem)
          },
        },
        {
          name: `${name}: order is kept as declared`,
          run: async () => {
            for (const p of (await profiles()).slice(0, 3)) {
              const problem = await orderProblem(format, p, codec)
              if (problem !== null) fail(problem)
            }
          },
        },
      ]
