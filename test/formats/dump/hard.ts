import { ProfileBuilder } from '../../../src/model/builder.js'
import type { Profile } from '../../../src/model/profile.js'

/** One profile with everything that is hard to write down. */
export const hard = (): Profile => {
  const b = new ProfileBuilder([
    { name: 'cpu', unit: 'nanoseconds' },
    { name: 'alloc\ud800', unit: '"' },
  ])
  b.meta = {
    producer: 'a\udfffb',
    timeNanos: 2n ** 63n - 1n,
    period: -1n,
    startTime: -0.5,
    endTime: Infinity,
    comments: ['', '__proto__'],
    order: [],
    periodType: { name: 'cpu', unit: '' },
  }
  const bytes = Uint8Array.from([0x66, 0xff, 0x00])
  const names = [b.str('__proto__'), b.str(''), b.strings.internBytes(bytes, 0, 3), b.str('\ud800'), b.str('\ufeff"\\\n\u2028é😀')]
  const mapping = b.mapping(2n ** 64n - 1n, 0n, 2n ** 53n + 1n, names[2], -1, 15)
  const frames = names.map((n, i) => b.frame(b.func(n, names[i] ?? -1, i - 1, -1, names[0]), i, -1, -1, mapping, i % 3, i, -1, i))
  let stack = -1
  for (const f of frames) stack = b.stack(stack, f)
  const thread = b.thread(names[1], NaN, 12345.5)
  const labels = b.labelSet(b.labelSet(-1, b.numLabel(names[0], -(2n ** 63n), names[1])), b.label(names[2], names[3]))
  const row = b.addSample(stack, thread, labels, 1.25)
  b.value(row, 0, 2 ** 63, -1)
  b.value(row, 1, -0.1)
  b.addSample(-1)
  b.value(b.addSample(stack, -1, -1, -Infinity), 1, 1e300)
  b.lineTick(stack, 7, 3)
  const call = b.call(frames[0], frames[1])
  b.callCount(call, 2 ** 60, NaN, 1)
  b.callValue(call, 1, 5e-324)
  b.callValue(b.call(frames[1], frames[1]), 0, 3)
  b.costValue(b.cost(frames[4]), 0, 3)
  b.jump(frames[0], frames[1], 4)
  return b.finish()
}
