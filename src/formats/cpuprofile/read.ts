/**
 * Reads .cpuprofile: V8's flat `nodes`, the old `head` tree, a raw answer of the inspector (`{profile: …}`), lists of
 * these. Format: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
 *
 * The keys may come in any order and so may the nodes; raw-profile.ts holds what was read and puts it together.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson, type Shape } from '../../io/json.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Input, Read } from '../format.js'
import type { CompactColumn } from '../shared/compact-column.js'
import { RawProfile } from './raw-profile.js'

export const read: Read = async (input, ctx) => {
  const profiles: Profile[] = []
  const shape = profileShape(ctx, (raw) => profiles.push(raw.finish()))
  const { isList, replay } = await peek(input)
  await readJson(replay, isList ? json.array(shape) : shape, {
    code: 'cpuprofile',
    // Names that V8's own serializer left unescaped: see the README.
    lenientStrings: true,
    onRepair: (at) =>
      ctx.report({
        severity: 'warning',
        code: 'cpuprofile/unescaped-name',
        message: 'a name is not escaped as JSON demands (Node wrote it so); it was read as it stands',
        at: { byte: at },
      }),
  })
  if (profiles.length === 0)
    throw isList
      ? new ProfconvError('empty', 'cpuprofile/empty', 'the list holds no profile')
      : malformed('cpuprofile/no-nodes', 'the profile has no nodes', { expected: 'a list "nodes", or a tree "head"' })
  return profiles
}

/** A profile, or an object around one. */
const profileShape = (ctx: Context, found: (raw: RawProfile) => void): Shape => {
  const open: RawProfile[] = []
  const top = (): RawProfile => open[open.length - 1]
  const column = (of: (raw: RawProfile) => CompactColumn): Shape =>
    json.lazy(() => {
      const numbers = of(top())
      return json.numbers(
        (v) => numbers.push(v),
        undefined,
        (values, count) => numbers.pushMany(values, count),
      )
    })
  const keys = {
    nodes: json.lazy(() => json.each((node, index, at) => top().addNode(node, index, at), top().scanner)),
    head: json.value((head, at) => top().addHead(head, at)),
    startTime: json.value((v, at) => top().setStart(v, at)),
    endTime: json.value((v, at) => top().setEnd(v, at)),
    samples: column((raw) => raw.samples),
    timeDeltas: column((raw) => raw.timeDeltas),
    timestamps: column((raw) => raw.timestamps),
    title: json.value((v) => top().setTitle(v)),
    $vscode: json.value((v) => top().setVscode(v)),
  }
  const around = {
    start: () => void open.push(new RawProfile(ctx)),
    end: () => {
      const raw = open.pop()!
      if (raw.seen) found(raw)
    },
  }
  const profile = json.object(keys, around)
  return json.object({ ...keys, profile, result: json.object({ profile }) }, around)
}

/** Is the content a list? And the input again, from its beginning. */
const peek = async (input: Input): Promise<{ isList: boolean; replay: Input }> => {
  const chunks = input.chunks()[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  let first = -1
  while (first < 0) {
    const next = await chunks.next()
    if (next.done) break
    held.push(next.value)
    first = next.value.find((c) => c > 32 && c < 128) ?? -1
  }
  async function* replayed(): AsyncGenerator<Uint8Array> {
    yield* held
    held.length = 0
    yield* { [Symbol.asyncIterator]: () => chunks }
  }
  return { isList: first === 0x5b, replay: { ...input, chunks: replayed } }
}
