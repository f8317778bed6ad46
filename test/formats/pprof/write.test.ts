/** What is written, of pprof profiles and of others. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Diagnostics, ProfconvError } from '../../../src/io/diagnostics.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import { dumpText } from '../../../src/model/dump.js'
import { FrameKind, InlineFlag, type Profile, type ValueType } from '../../../src/model/profile.js'
import { assertValid } from '../../../src/model/validate.js'
import {
  FIXTURES,
  goProto,
  hasGo,
  label,
  load,
  message,
  readBytes,
  realFiles,
  roundTrip,
  sayMissing,
  small,
  writeBytes,
} from './support.js'

sayMissing('round trips')

const COUNT: ValueType = { name: 'samples', unit: 'count' }

/** A profile by hand. */
const build = (types: ValueType[], make: (b: ProfileBuilder) => void): Profile => {
  const b = new ProfileBuilder(types)
  b.expect('samples')
  make(b)
  return b.finish()
}

const codesOf = (profile: Profile): { bytes: Uint8Array; codes: string[] } => {
  const diagnostics = new Diagnostics()
  const bytes = writeBytes(profile, diagnostics)
  return { bytes, codes: diagnostics.all.map((d) => d.code) }
}

/** The one sample row of value types with these numbers, read back: values, with the units. */
const values = async (unit: string, ...list: number[]): Promise<{ unit: string; values: string[]; codes: string[] }> => {
  const p = build([{ name: 'x', unit }], (b) => {
    for (const v of list) b.value(b.addSample(-1), 0, v)
  })
  const { bytes, codes } = codesOf(p)
  const back = await readBytes(bytes)
  const out = list.map((_, i) => (BigInt(back.samples!.values[0][i]) + BigInt(back.samples!.valuesRest[0]?.[i] ?? 0)).toString())
  return { unit: back.valueTypes[0].unit, values: out, codes }
}

describe('round trips', () => {
  it.each(realFiles().map((path) => [label(path), path]))('%s keeps its content and its order', async (_, path) => {
    const profile = await readBytes(load(path))
    const written = writeBytes(profile)
    const again = await readBytes(written)
    assertValid(profile)
    // The text of the largest is gigabytes; their bytes must do.
    if (profile.stacks.length < 50_000) {
      expect(dumpText(again, { keepOrder: true }) === dumpText(profile, { keepOrder: true })).toBe(true)
    }
    expect(Buffer.compare(writeBytes(again), written)).toBe(0)
  })

  it.skipIf(!hasGo).each(realFiles().map((path) => [label(path), path]))(
    'what pprof -proto makes of %s comes back byte for byte',
    async (_, path) => {
      // Twice: the first time it may leave functions behind of frames that it dropped.
      const native = goProto(goProto(path))
      expect(Buffer.compare(await roundTrip(native), native)).toBe(0)
    },
  )

  it('keeps what pprof would lose: columns, documentation, bytes, empty and zero labels, numbers of 64 bits', async () => {
    const { type, strings } = small
    const label1 = [3, message([1, 5], [2, 0])] as const
    const label2 = [3, message([1, 5], [3, 0])] as const
    const label3 = [3, message([1, 5], [3, (1n << 63n) - 1n], [4, 6])] as const
    const label4 = [3, message([1, 5], [2, 7])] as const
    const bytes = message(
      type,
      type,
      [2, message([1, [0xffffffffffffffffn, 5]], [2, -(1n << 63n)], [2, 9007199254740993n], label1, label2, label3, label4, label1)],
      [4, message([1, 0xffffffffffffffffn], [4, message([1, 1], [2, 3], [3, 14])])],
      [4, message([1, 5], [3, 0x8000000000000001n])],
      small.function,
      ...strings,
      [6, 'key'],
      [6, 'bytes'],
      [6, Uint8Array.of(0xfe, 0xff, 0)],
      [15, 5],
    )
    const p = await readBytes(bytes)
    const text = dumpText(await readBytes(writeBytes(p)), { keepOrder: true })
    expect(text).toBe(dumpText(p, { keepOrder: true }))
    expect(text).toContain('column=14')
    expect(text).toContain('address=0x8000000000000001')
    expect(text).toContain(`x'feff00'`)
    expect(text).toContain('9223372036854775807')
    expect(text).toContain('-9223372036854775808,9007199254740993')
    expect(text).toContain('docUrl: "key"')
    expect(text.match(/key="key" str=""/g)).toHaveLength(2)
    expect(text).toContain('{key="key" num=0}')
  })
})

describe('locations', () => {
  it('are a physical frame and what is inlined into it', async () => {
    const p = build([COUNT], (b) => {
      const fn = (name: string): number => b.func(b.str(name))
      const at = (name: string, inline: number, lo = 16): number => b.frame(fn(name), 1, -1, -1, -1, inline, 0, lo)
      let s = b.stack(-1, at('outer', InlineFlag.folded))
      s = b.stack(s, at('middle', InlineFlag.inlined))
      s = b.stack(s, at('inner', InlineFlag.inlined))
      const next = b.stack(s, at('other place', InlineFlag.inlined, 32))
      b.value(b.addSample(next), 0, 1)
      // The same chain once more, on another stack, and a part of it that is a location of its own.
      let t = b.stack(b.stack(-1, at('root', 0, 8)), at('outer', InlineFlag.folded))
      b.value(b.addSample(t), 0, 1)
      t = b.stack(b.stack(t, at('middle', InlineFlag.inlined)), at('inner', InlineFlag.inlined))
      b.value(b.addSample(t), 0, 1)
    })
    const bytes = writeBytes(p)
    const back = await readBytes(bytes)
    // "other place" has an address of its own, so it cannot be inlined here: a location of one line.
    expect(dumpText(back, { keepOrder: true })).toBe(
      dumpText(p, { keepOrder: true }).replace(
        '{function={name="other place"} line=1 address=0x20 inline=1}',
        '{function={name="other place"} line=1 address=0x20}',
      ),
    )
    expect(topLevel(bytes).filter((f) => f === 4)).toHaveLength(4)
  })

  it('take the mapping of the function when the frame has none', async () => {
    const p = build([COUNT], (b) => {
      const m = b.mapping(0n, 0n, 0n, b.str('libz'), -1, 0)
      b.value(b.addSample(b.stack(-1, b.frame(b.func(b.str('f'), -1, -1, -1, -1, m)))), 0, 1)
    })
    expect((await readBytes(writeBytes(p))).frames.mapping[0]).toBe(0)
  })

  it('with code from another file get a function with that file', async () => {
    const p = build([COUNT], (b) => {
      const f = b.func(b.str('f'), b.str('f.c'), 10)
      const own = b.stack(-1, b.frame(f, 12))
      b.value(b.addSample(b.stack(own, b.frame(f, 3, -1, b.str('f.h')))), 0, 1)
      b.value(b.addSample(b.stack(own, b.frame(f, 13, -1, b.str('f.c')))), 0, 1)
    })
    const { functions, strings } = await readBytes(writeBytes(p))
    expect([...functions.file].map((f) => strings.get(f)).sort()).toEqual(['f.c', 'f.h'])
    expect([...functions.startLine].sort()).toEqual([-1, 10])
  })

  it('are not doubled by frame kinds or columns of definitions', async () => {
    const p = build([COUNT], (b) => {
      const name = b.str('f')
      for (const column of [1, 2]) {
        for (const kind of [FrameKind.kernel, FrameKind.jit]) {
          b.value(b.addSample(b.stack(-1, b.frame(b.func(name, -1, 5, column), 6, -1, -1, -1, 0, kind))), 0, 1)
        }
      }
    })
    const fields = topLevel(writeBytes(p))
    expect(fields.filter((f) => f === 5)).toHaveLength(1)
  })

  it('come again however long they are', async () => {
    const p = build([COUNT], (b) => {
      for (const depth of [3, 60, 40_000]) {
        let s = -1
        for (let i = 0; i < depth; i++) s = b.stack(s, b.frame(b.func(b.str(`f${i}`))))
        for (let i = 0; i < 3; i++) b.value(b.addSample(s, -1, b.labelSet(-1, b.numLabel(b.str('n'), i))), 0, 1)
      }
    })
    const q = await readBytes(writeBytes(p))
    expect([...q.samples!.stack]).toEqual([2, 2, 2, 59, 59, 59, 39_999, 39_999, 39_999])
    expect(dumpText(q)).toBe(dumpText(await readBytes(writeBytes(q))))
  })

  it('may be 100,000 deep', async () => {
    const p = build([COUNT], (b) => {
      const f = b.frame(b.func(b.str('f')))
      let s = -1
      for (let i = 0; i < 100_000; i++) s = b.stack(s, f)
      b.value(b.addSample(s), 0, 1)
    })
    expect((await readBytes(writeBytes(p))).stacks.length).toBe(100_000)
  })
})

describe('values', () => {
  it('with fractions of a time become nanoseconds', async () => {
    expect(await values('seconds', 0.0123, 1, 2e9, 0.1 + 0.2)).toEqual({
      unit: 'nanoseconds',
      values: ['12300000', '1000000000', '2000000000000000000', '300000000'],
      codes: ['pprof/unit-changed', 'pprof/rounded'],
    })
    expect(await values('microseconds', 1.5, 0.125)).toEqual({
      unit: 'nanoseconds',
      values: ['1500', '125'],
      codes: ['pprof/unit-changed'],
    })
    expect(await values('ms', -0.5)).toEqual({ unit: 'nanoseconds', values: ['-500000'], codes: ['pprof/unit-changed'] })
    expect(await values('kilobytes', 0.5)).toEqual({ unit: 'bytes', values: ['512'], codes: ['pprof/unit-changed'] })
  })

  it('without fractions keep their unit', async () => {
    expect(await values('seconds', 3, 0)).toEqual({ unit: 'seconds', values: ['3', '0'], codes: [] })
  })

  it('that have no smaller unit are rounded half to even', async () => {
    expect(await values('count', 0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 7)).toEqual({
      unit: 'count',
      values: ['0', '2', '2', '0', '-2', '2', '7'],
      codes: ['pprof/rounded'],
    })
  })

  it('beyond 64 bits, and those that are no numbers, are reported', async () => {
    expect(await values('count', 1e300, -1e300, Infinity)).toEqual({
      unit: 'count',
      values: ['9223372036854775807', '-9223372036854775808', '9223372036854775807'],
      codes: ['pprof/out-of-range'],
    })
    const p = build([COUNT, COUNT], (b) => b.value(b.addSample(-1), 0, 1))
    p.samples!.values[1][0] = NaN
    expect(codesOf(p).codes).toEqual(['pprof/not-measured'])
  })

  it('must be of some type', () => {
    const p = build([], (b) => b.addSample(-1))
    expect(() => writeBytes(p)).toThrow(ProfconvError)
  })

  it('are packed when there are more than two, as pprof does it', async () => {
    const sampleOf = (n: number): Uint8Array => {
      const p = build(Array<ValueType>(n).fill(COUNT), (b) => {
        const f = b.frame(b.func(b.str('f')))
        let s = -1
        for (let i = 0; i < n; i++) s = b.stack(s, f)
        b.addSample(s)
      })
      const bytes = writeBytes(p)
      let at = 0
      while (bytes[at] !== 0x12) at += 2 + bytes[at + 1]
      return bytes.subarray(at + 2, at + 2 + bytes[at + 1])
    }
    expect([...sampleOf(2)]).toEqual([8, 1, 8, 1, 16, 0, 16, 0])
    expect([...sampleOf(3)]).toEqual([10, 3, 1, 1, 1, 18, 3, 0, 0, 0])
  })
})

describe('profiles of other formats', () => {
  const timed = build([{ name: 'wall', unit: 'nanoseconds' }], (b) => {
    const stack = (name: string): number => b.stack(-1, b.frame(b.func(b.str(name))))
    const main = b.thread(b.str('main'), 4, 2 ** 40, b.str('node'))
    const other = b.thread(-1, NaN, 7)
    const set = b.labelSet(-1, b.label(b.str('k'), b.str('v')))
    for (const [name, thread, labels, v] of [
      ['a', main, -1, 10],
      ['b', main, -1, 0],
      ['a', main, -1, 5],
      ['a', other, -1, 1],
      ['a', main, set, 2],
      ['c', main, -1, 3],
      ['c', main, -1, -3],
    ] as const) {
      b.value(b.addSample(stack(name), thread, labels, 100), 0, v)
    }
    b.meta = { startTime: 1, endTime: 2.5, timeUnit: 'milliseconds' }
  })

  it('are added up where samples had times, in the order of first appearance; threads become labels', async () => {
    const p = await readBytes(writeBytes(timed))
    expect(dumpText(p, { keepOrder: true })).toMatchInlineSnapshot(`
      "durationNanos: 1500000
      values: wall/nanoseconds
      samples: 3
        {stack={function={name="a"}} labels={key="process" str="node"} > {key="thread" str="main"} > {key="pid" num=4} > {key="tid" num=1099511627776}} :: values=15
        {stack={function={name="a"}} labels={key="tid" num=7}} :: values=1
        {stack={function={name="a"}} labels={key="k" str="v"} > {key="process" str="node"} > {key="thread" str="main"} > {key="pid" num=4} > {key="tid" num=1099511627776}} :: values=2
      "
    `)
  })

  it('keep the order of rows without times', async () => {
    const p = build([COUNT], (b) => {
      for (const name of ['b', 'a', 'b']) b.value(b.addSample(b.stack(-1, b.frame(b.func(b.str(name))))), 0, 0)
    })
    const back = await readBytes(writeBytes(p))
    expect(back.samples!.length).toBe(3)
    expect(back.samples!.stack[0]).toBe(back.samples!.stack[2])
  })

  it('without samples are valid', async () => {
    const p = await readBytes(writeBytes(build([COUNT], () => {})))
    expect(p.samples!.length).toBe(0)
  })
})

describe('bytes', () => {
  it('come in pprof’s order of fields', async () => {
    const fields = topLevel(await roundTrip(load(join(FIXTURES, 'go-cpu.pb.gz'))))
    expect(fields).toEqual([...fields].sort((a, b) => a - b))
    expect(new Set(fields)).toEqual(new Set([1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 14]))
  })
})

/** Numbers of the top-level fields in their order. */
const topLevel = (bytes: Uint8Array): number[] => {
  const fields: number[] = []
  let at = 0
  const varint = (): number => {
    let v = 0
    for (let scale = 1; ; scale *= 128) {
      const b = bytes[at++]
      v += (b & 127) * scale
      if (b < 128) return v
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    fields.push(Math.floor(tag / 8))
    const v = varint()
    if ((tag & 7) === 2) at += v
  }
  return fields
}
