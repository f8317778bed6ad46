/**
 * The data of `memray table`: [{tid, size, allocator, n_allocations, stack_trace}, …]. Of a stack there is the frame that
 * allocated, "function at file:line", escaped as HTML; "???" where there was none.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile, ProfileMeta } from '../../model/profile.js'
import type { Input } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { textOf } from './html.js'

const FRAME = /^(.*?) at (.*):(\d{1,10})$/s

export const readTable = async (input: Input, meta: ProfileMeta): Promise<Profile> => {
  const builder = new ProfileBuilder([
    { name: 'memory', unit: 'bytes' },
    { name: 'allocations', unit: 'count' },
  ])
  const each = json.each((v, _, at) => {
    const { tid, size, allocator, n_allocations, stack_trace } = (typeof v === 'object' && v !== null ? v : {}) as Record<string, unknown>
    if (typeof size !== 'number' || typeof n_allocations !== 'number' || typeof stack_trace !== 'string')
      throw malformed('memray/wrong-value', 'a row of the table lacks what it should have', {
        at: { byte: at },
        expected: '{tid, size, allocator, n_allocations, stack_trace}',
      })
    const thread = typeof tid === 'string' ? builder.thread(builder.str(tid)) : typeof tid === 'number' ? builder.thread(-1, NaN, tid) : -1
    const labels =
      typeof allocator === 'string' ? builder.labelSet(-1, builder.label(builder.str('allocator'), builder.str(allocator))) : -1
    const row = builder.sample(stackOf(builder, textOf(stack_trace)), thread, labels)
    builder.value(row, 0, size)
    builder.value(row, 1, n_allocations)
  })
  await readJson(input, each, { code: 'memray' })
  if (!builder.hasSamples) throw new ProfconvError('empty', 'memray/empty', 'the table has no rows')
  builder.meta = { ...meta, defaultValueType: 'memory' }
  return builder.finish()
}

const stackOf = (builder: ProfileBuilder, text: string): number => {
  if (text === '???') return -1
  const [, name, file, line] = FRAME.exec(text) ?? [text, text, undefined, '']
  return builder.stack(-1, builder.frame(builder.func(builder.str(name), builder.str(file)), line === '' ? -1 : lineNumberOf(Number(line))))
}
