/** What the descriptor promises of the writer, both ways: `full` comes back, `none` leaves no trace. */
import { describe, expect, it } from 'vitest'
import { dropFeature, usesOf } from '../../../src/convert/fidelity.js'
import type { Feature } from '../../../src/formats/format.js'
import { pprof } from '../../../src/formats/pprof/index.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import { dumpText } from '../../../src/model/dump.js'
import { FrameKind, InlineFlag, type Profile } from '../../../src/model/profile.js'
import { readBytes, writeBytes } from './support.js'

/** A profile that uses every feature that one profile can. */
const everything = (): Profile => {
  const b = new ProfileBuilder([
    { name: 'samples', unit: 'count' },
    { name: 'cpu', unit: 'nanoseconds' },
    { name: 'odd', unit: 'apples' },
  ])
  const bytes = b.strings.internBytes(Uint8Array.of(0xff, 0x41), 0, 2)
  const mapping = b.mapping(0x1000n, 0x2000n, 16n, b.str('/bin/app'), b.str('beef'), 15)
  const outer = b.func(b.str('outer'), b.str('o.c'), 10, 3, b.str('_outer'))
  const inner = b.func(bytes, b.str('i.c'), 20)
  const site = b.frame(outer, 12, 4, -1, mapping, 0, FrameKind.kernel, 0x1234)
  const inlined = b.frame(inner, 22, -1, b.str('i.h'), mapping, InlineFlag.inlined, 0, 0x1234)
  const root = b.stack(-1, b.frame(outer, 11))
  const leaf = b.stack(b.stack(root, site), inlined)
  const labels = b.labelSet(b.labelSet(-1, b.label(b.str('k'), b.str('v'))), b.numLabel(b.str('n'), 5, b.str('bytes')))
  const thread = b.thread(b.str('main'), 1, 2, b.str('node'))
  for (const [stack, set, time, v] of [
    [leaf, labels, 1, 1],
    [root, -1, 2, -7],
    [leaf, labels, 3, 4],
  ] as const) {
    const row = b.addSample(stack, thread, set, time)
    b.value(row, 0, v)
    b.value(row, 1, 9007199254740992, 1)
    b.value(row, 2, v / 2)
  }
  b.lineTick(leaf, 22, 3)
  const call = b.call(site, b.frame(inner, 20))
  b.callCount(call, 5, 4)
  for (let k = 0; k < 3; k++) {
    b.callValue(call, k, 8)
    b.callSelf(call, k, 2)
  }
  b.total(inner, 5, 4)
  b.jump(site, site, 3, 1)
  b.meta = {
    producer: 'by hand',
    command: 'app',
    pid: 3,
    timeNanos: 1_700_000_000_000_000_000n,
    durationNanos: 5n,
    timeUnit: 'nanoseconds',
    period: 10n,
    periodType: { name: 'cpu', unit: 'nanoseconds' },
    defaultValueType: 'cpu',
    comments: ['a', 'b'],
    docUrl: 'https://example.com',
    dropFrames: 'd',
    keepFrames: 'k',
    order: ['self'],
  }
  return b.finish()
}

const features = Object.entries(pprof.fidelity) as [Feature, 'full' | 'partial' | 'none'][]
const single = features.filter(([f]) => f !== 'multipleProfiles')

describe('fidelity', () => {
  it.each(single.map(([f]) => [f]))('is put to the test for %s', (feature) => {
    expect(usesOf(everything(), feature)).toBeGreaterThan(0)
  })

  it.each(single.filter(([, support]) => support === 'none'))('writes nothing of %s', (feature) => {
    const profile = everything()
    expect(Buffer.compare(writeBytes(dropFeature(profile, feature)), writeBytes(profile))).toBe(0)
  })

  it.each(single.filter(([, support]) => support === 'full'))('brings back %s', async (feature) => {
    if (feature === 'rowOrder') return
    // Only what pprof has in full: then all of it comes back, with this feature and without.
    let profile = everything()
    for (const [f, support] of single) if (support !== 'full') profile = dropFeature(profile, f)
    const { order: _, timeUnit: __, ...meta } = profile.meta
    profile = { ...profile, meta }
    for (const p of feature === 'samples' ? [profile] : [profile, dropFeature(profile, feature)]) {
      const back = await readBytes(writeBytes(p))
      expect(dumpText(back, { keepOrder: true })).toBe(dumpText(p, { keepOrder: true }))
      expect(usesOf(back, feature) > 0).toBe(usesOf(p, feature) > 0)
    }
  })

  it('explains every partial', () => {
    for (const [feature, support] of features) if (support === 'partial') expect(pprof.notes).toHaveProperty(feature)
  })
})
