/**
 * Reads what pyinstrument writes as JSON. One pass for both files, for a key may be what tells them apart: a report has
 * `root_frame` (call-tree.ts), a session `frame_records` (session.ts).
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson } from '../../io/json.js'
import type { Read } from '../format.js'
import { CallTree } from './call-tree.js'
import { Facts } from './facts.js'
import { Session } from './session.js'

/** Two brackets for each frame of a report: 100,000 frames. */
const MAX_DEPTH = 200_010

export const read: Read = async (input, ctx) => {
  const facts = new Facts()
  const tree = new CallTree()
  const session = new Session()
  await readJson(input, json.object({ ...facts.keys, root_frame: tree.shape(), frame_records: session.shape() }), {
    code: 'pyinstrument',
    maxDepth: MAX_DEPTH,
  })
  if (!tree.seen && !session.seen)
    throw malformed('pyinstrument/no-frames', 'it has neither a tree of calls nor samples', { expected: '"root_frame" or "frame_records"' })
  const builder = session.seen ? session.finish() : tree.finish(ctx)
  if (builder === null) {
    throw new ProfconvError('empty', 'pyinstrument/empty', 'there are no samples in it', {
      hint: 'did the program run for longer than the interval of pyinstrument (1 ms unless said)?',
    })
  }
  builder.meta = { ...facts.meta(), ...builder.meta }
  return [builder.finish()]
}
