/** perf script text: the variants of its layout, and the traps that other converters fall into. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { perf } from '../../../src/formats/perf/index.js'
import { type Diagnostic, Diagnostics, ProfconvError } from '../../../src/io/diagnostics.js'
import type { Profile } from '../../../src/model/profile.js'
import { validate } from '../../../src/model/validate.js'

const CORPUS = process.env.PROFCONV_CORPUS
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const readAll = async (
  bytes: Uint8Array,
  options: Record<string, unknown> = {},
  window = bytes.length,
): Promise<{ profile: Profile; diagnostics: readonly Diagnostic[] }> => {
  const { read } = await perf.reader!()
  const diagnostics = new Diagnostics()
  const input = {
    name: 'test',
    async *chunks() {
      for (let at = 0; at < bytes.length; at += window) yield bytes.slice(at, at + window)
    },
    bytes: async () => bytes,
  }
  const [profile] = await read(input, { options, report: diagnostics.report })
  return { profile, diagnostics: diagnostics.all }
}
const readText = async (text: string, options: Record<string, unknown> = {}): Promise<Profile> =>
  (await readAll(bytesOf(text), options)).profile

/** A sample in short: `thread pid/tid [cpu] time: value of type, …; root > leaf`. */
const samplesOf = (p: Profile): string[] => {
  const s = p.samples!
  return Array.from({ length: s.length }, (_, i) => {
    const path: string[] = []
    for (let at = s.stack[i]; at >= 0; at = p.stacks.prefix[at]) path.unshift(frameOf(p, p.stacks.frame[at]))
    const values = p.valueTypes.flatMap((t, k) => (s.values[k][i] === 0 ? [] : [`${s.values[k][i]} ${t.name}`]))
    const t = s.thread[i]
    const thread = t < 0 ? '-' : `${p.strings.get(p.threads.name[t])} ${p.threads.pid[t]}/${p.threads.tid[t]}`
    return `${thread}${s.labels[i] < 0 ? '' : ` [${p.labels.num[p.labelSets.label[s.labels[i]]]}]`} ${s.time[i]}: ${values}; ${path.join(' > ')}`
  })
}

const frameOf = (p: Profile, f: number): string => {
  const { frames, functions, strings, mappings } = p
  const fn = frames.function[f]
  const name = fn < 0 ? '?' : strings.get(functions.name[fn])
  const binary = frames.mapping[f] < 0 ? '' : `@${strings.get(mappings.file[frames.mapping[f]])}`
  const line = frames.line[f] < 0 ? '' : `:${strings.get(functions.file[fn])}:${frames.line[f]}`
  const marks = `${frames.inline[f] ? ' inlined' : ''}${['', ' kernel', ' jit'][frames.kind[f]]}`
  return `${name}${binary}${line}${frames.address[f] === 0n ? '' : ` 0x${frames.address[f].toString(16)}`}${marks}`
}

describe('header lines', () => {
  const header = async (line: string): Promise<string> =>
    samplesOf(await readText(`${line}\n\t  1000 f+0x1 (/bin/x)\n\n`))[0].replace(/; f.*/, '')

  test.each([
    ['w 13618  2566.689006:    1001001 cpu-clock: ', 'w NaN/13618 2566689006000: 1001001 cpu-clock'],
    ['pool 1 12 14171.5:   7 cycles:u: ', 'pool 1 NaN/12 14171500000000: 7 cycles:u'],
    ['V8 WorkerThread 24636/25607 [003] 94564.109216: 100 cycles:', 'V8 WorkerThread 24636/25607 [3] 94564109216000: 100 cycles'],
    ['irq/9-acpi:x    -1/77    94564.2: 5 cpu_core/cycles/: ', 'irq/9-acpi:x NaN/77 94564200000000: 5 cpu_core/cycles/'],
    ['dd 29776 666709.771979123:   10101010 cpu-clock: ', 'dd NaN/29776 666709771979123: 10101010 cpu-clock'],
    ['swapper     0 [012] 2281339.604067:   20834821 cycles:', 'swapper NaN/0 [12] 2281339604067000: 20834821 cycles'],
    ['1 2 3 4567 1.5: 1 a:b: x=1', '1 2 3 NaN/4567 1500000000: 1 a:b'],
    ['java 19983 cycles:', 'java NaN/19983 NaN: 1 cycles'],
    ['java 19983 [001] 55 cycles:', 'java NaN/19983 [1] NaN: 55 cycles'],
    ['13618  2566.689006:  3 faults: ', ' NaN/13618 2566689006000: 3 faults'],
    ['w  2566.689006:  3 faults: ', 'w NaN/NaN 2566689006000: 3 faults'],
    ['2566.689006: ', '- 2566689006000: 1 samples'],
    ['w 1 2.5:  cycles: ', 'w NaN/1 2500000000: 1 cycles'],
  ])('%s', async (line, expected) => {
    expect(await header(line)).toBe(expected)
  })

  test('a one-letter command is one thread, not one per sample', async () => {
    const p = await readText('w 1 2.5: 10 cycles: \n\t1000 f (/x)\n\nw 1 2.6: 10 cycles: \n\t1000 f (/x)\n\n')
    expect(p.threads.length).toBe(1)
    expect(p.stacks.length).toBe(1)
  })

  test('padded event names keep their periods, each event is a value type', async () => {
    const p = await readText('w 1 2.5:    1001001  cpu-clock: \n\t1 f (/x)\n\nw 1 2.6:        12 task-clock: \n\t1 f (/x)\n\n')
    expect(p.valueTypes).toEqual([
      { name: 'cpu-clock', unit: 'nanoseconds' },
      { name: 'task-clock', unit: 'nanoseconds' },
    ])
    expect(p.samples!.values.map((v) => [...v])).toEqual([
      [1001001, 0],
      [0, 12],
    ])
    expect(p.meta.defaultValueType).toBe('cpu-clock')
  })

  test('a period of 64 bits is exact', async () => {
    const p = await readText('w 1 2.5: 18446744073709551615 cycles: \n\t1 f (/x)\n\n')
    expect(p.samples!.values[0][0] + p.samples!.valuesRest[0]![0]).toBe(2 ** 64)
    expect(BigInt(p.samples!.values[0][0]) + BigInt(p.samples!.valuesRest[0]![0])).toBe(18446744073709551615n)
  })

  test('only one event, and one that is not there', async () => {
    const text = 'w 1 2.5: 5 a: \n\t1 f (/x)\n\nw 1 2.6: 7 b: \n\t2 g (/x)\n\n'
    expect(samplesOf(await readText(text, { event: 'b' }))).toEqual(['w NaN/1 2600000000: 7 b; g@/x 0x2'])
    await expect(readText(text, { event: 'c' })).rejects.toMatchObject({ kind: 'usage', details: { expected: 'a, b' } })
  })
})

describe('frames', () => {
  const frame = async (line: string): Promise<string> => samplesOf(await readText(`w 1 2.5: 5 a: \n${line}\n\n`))[0].split('; ')[1]

  test.each([
    ['\t  401b97 main+0x1f (/bin/my app/x)', 'main@/bin/my app/x 0x401b97'],
    ['\t  401b97 operator()(int) const+0x1f (/x (deleted))', 'operator()(int) const@/x (deleted) 0x401b97'],
    ['\t  401b97 (anonymous namespace)::f (/x)', '(anonymous namespace)::f@/x 0x401b97'],
    ['\t  401b97 f(int)', 'f(int) 0x401b97'],
    ['\t  401b97 _spin', '_spin 0x401b97'],
    ['\t  401b97  (/x)', '?@/x 0x401b97'],
    ['\t  401b97 [unknown] ([unknown])', '? 0x401b97'],
    ['\t  401b97  ()', '? 0x401b97'],
    ['\t  401b97 f+0x1 (/x+0x2f)', 'f@/x 0x401b97'],
    ['\t  401b97 f (/odd)name)', 'f@/odd)name 0x401b97'],
    ['\tffffffff8103d0ca native ([kernel.kallsyms])', 'native@[kernel.kallsyms] 0xffffffff8103d0ca kernel'],
    ['\tffffffff8103d0ca conn+0x1 ([nf_conntrack_ipv4])', 'conn@[nf_conntrack_ipv4] 0xffffffff8103d0ca kernel'],
    ['\tffffffff8103d0ca f (/usr/lib/debug/boot/vmlinux-5.4.14)', 'f@/usr/lib/debug/boot/vmlinux-5.4.14 0xffffffff8103d0ca kernel'],
    ['\t 7ff0 __vdso_gettime ([vdso])', '__vdso_gettime@[vdso] 0x7ff0'],
    ['\t 7ff0 LBusy;::main (/tmp/perf-1.map)', 'LBusy;::main@/tmp/perf-1.map 0x7ff0 jit'],
    ['\t 7ff0 fib ([JIT app cache])', 'fib@[JIT app cache] 0x7ff0 jit'],
    ['        7ff0 f (/x)', 'f@/x 0x7ff0'],
    ['7ff0 f (/x)', 'f@/x 0x7ff0'],
    ['\t 7ff0 f (/x)\r', 'f@/x 0x7ff0'],
    ['\t 7ff0 f (/x)\n  dir/a.c:12', 'f@/x:dir/a.c:12 0x7ff0'],
    ['\t 7ff0 f (/x)\n  /x[7ff0]', 'f@/x 0x7ff0'],
    ['\t 7ff0 f (/x)\n  ??:0', 'f@/x 0x7ff0'],
    [
      '\t 7ff0 A->B->C (/tmp/perf-1.map)',
      'A@/tmp/perf-1.map 0x7ff0 jit > B@/tmp/perf-1.map 0x7ff0 inlined jit > C@/tmp/perf-1.map 0x7ff0 inlined jit',
    ],
    ['\t 7ff0 X::operator-> (/tmp/perf-1.map)', 'X::operator->@/tmp/perf-1.map 0x7ff0 jit'],
    ['\t 7ff0 A->B (/x)', 'A->B@/x 0x7ff0'],
  ])('%j', async (line, expected) => {
    expect(await frame(line)).toBe(expected)
  })

  test('inlined frames lie in the frame of their address; another name of a function is no inlined one', async () => {
    expect(await frame('\t10 in2 (inlined)\n\t10 in1 (inlined)\n\t10 f (/x)\n\t20 alias (inlined)\n\t30 g (/x)')).toBe(
      'g@/x 0x30 > alias 0x20 > f@/x 0x10 > in1@/x 0x10 inlined > in2@/x 0x10 inlined',
    )
  })

  test('the file of a function is that of its first line, another one overrides it', async () => {
    const p = await readText('w 1 2.5: 5 a: \n\t10 f (/x)\n  a.c:1\n\t11 f (/x)\n  b.h:2\n\t12 f (/x)\n\n')
    // From the root: no line, then b.h, then a.c; b.h was seen first.
    expect(p.functions.length).toBe(2)
    const rows = [...p.frames.line].map(
      (line, f) => `${p.strings.get(p.functions.file[p.frames.function[f]])} ${p.strings.get(p.frames.file[f])} ${line}`,
    )
    expect(rows).toEqual(['  -1', 'b.h  2', 'b.h a.c 1'])
  })
})

describe('samples', () => {
  test('in one line, with a branch stack behind', async () => {
    expect(
      samplesOf(
        await readText(
          '           false 39654 19115.489713:          1 cycles:u:  ffffffff9b201293 [unknown] ([unknown])\n' +
            '               e 39654 19115.489719:          1 cycles:u:      7fa6 f+0x4 (/x)  0x55d0/0x55e0/P/-/-/5  0x1/0x2/M/-/-/0 \n',
        ),
      ),
    ).toEqual(['false NaN/39654 19115489713000: 1 cycles:u; ? 0xffffffff9b201293', 'e NaN/39654 19115489719000: 1 cycles:u; f@/x 0x7fa6'])
  })

  test('without frames, before others and at the end', async () => {
    const p = await readText('a 1 1.5: sched:x: prev_comm=b\na 1 1.6: 5 cycles: \n\t10 f (/x)\n\na 1 1.7: sched:x: p')
    expect(samplesOf(p)).toEqual([
      'a NaN/1 1500000000: 1 sched:x; ',
      'a NaN/1 1600000000: 5 cycles; f@/x 0x10',
      'a NaN/1 1700000000: 1 sched:x; ',
    ])
  })

  test('a truncated file gives what is there', async () => {
    expect(samplesOf(await readText('a 1 1.6: 5 cycles: \n\t10 f (/x)\n\t20 g (/li'))).toEqual([
      'a NaN/1 1600000000: 5 cycles; g (/li 0x20 > f@/x 0x10',
    ])
  })

  test('without times equal ones are joined, without addresses frames are', async () => {
    const text = 'w 1 2.5: 5 a: \n\t10 f (/x)\n\nw 1 2.6: 7 a: \n\t12 f (/x)\n\n'
    expect(samplesOf(await readText(text, { times: false, addresses: false }))).toEqual(['w NaN/1 NaN: 12 a; f@/x'])
  })

  test('a chain of 100,000 frames', async () => {
    const p = await readText(`w 1 2.5: 5 a: \n${'\t10 f (/x)\n'.repeat(100_000)}\n`)
    expect(p.stacks.length).toBe(100_000)
  })

  test('a chain without end is refused', async () => {
    await expect(readText(`w 1 2.5: 5 a: \n${'\t10 f (/x)\n'.repeat((1 << 20) + 1)}\n`)).rejects.toMatchObject({ code: 'perf/too-deep' })
  })

  test('long lines take no long time', async () => {
    const blanks = ' '.repeat(65_000)
    const start = performance.now()
    await readText(
      `${`# a: ${blanks}x\n`.repeat(100)}w 1 2.5: 5 a: \n\t10 f (/x)\n  ${':1 ('.repeat(100_000)}\n\t10 ${'('.repeat(500_000)})\n\n`,
    )
    expect(performance.now() - start).toBeLessThan(5000)
  })

  test.each([1, 7, 64])('windows of %i bytes change nothing', async (window) => {
    const bytes = readFileSync(join(import.meta.dirname, '../../fixtures/perf/dwarf-srcline.perf.txt'))
    const whole = await readAll(bytes)
    const cut = await readAll(bytes, {}, window)
    expect(samplesOf(cut.profile)).toEqual(samplesOf(whole.profile))
    expect(cut.diagnostics).toEqual(whole.diagnostics)
  })

  test.each(['', '\n\n', '# ========\n', 'hello\nworld\n'])('%j is no profile', async (text) => {
    await expect(readText(text)).rejects.toBeInstanceOf(ProfconvError)
  })
})

describe.skipIf(CORPUS === undefined)('real files', () => {
  const dirs = ['gprof2dot/perf', 'flamegraph', 'inferno/collapse-perf', 'native/perf']
  const files = dirs.flatMap((dir) =>
    (CORPUS === undefined ? [] : readdirSync(join(CORPUS, dir), { withFileTypes: true }))
      .filter((e) => e.isFile() && /\.(txt|perf)$/.test(e.name) && !/^(trace\.txt|no-events\.txt)$/.test(e.name))
      .map((e) => join(dir, e.name)),
  )

  test.each(files)('%s: samples and periods are those of the text', async (path) => {
    const bytes = readFileSync(join(CORPUS!, path))
    const { profile } = await readAll(bytes)
    expect(validate(profile)).toEqual([])
    // A second look at the text, by regular expression: headers of samples with their period and event.
    const sums = new Map<string, number>()
    let count = 0
    for (const line of bytes.toString('latin1').split('\n')) {
      const m = /^ *\S.*?\s\d+(?:\/\d+)?\s+(?:\[\d+\] )? *(?:\d+\.\d+: +)?(?:(\d+) +)?(\S+):(?: |$)/.exec(line)
      if (m === null || /^#|PERF_RECORD|^\s*[0-9a-f]{6,} \D/.test(line)) continue
      count++
      sums.set(m[2], (sums.get(m[2]) ?? 0) + Number(m[1] ?? 1))
    }
    if (sums.size === 0) expect(path).toBe('native/perf/w.ipsym.txt')
    else {
      expect(profile.samples!.length).toBe(count)
      expect(Object.fromEntries(profile.valueTypes.map((t, k) => [t.name, profile.samples!.values[k].reduce((a, b) => a + b, 0)]))).toEqual(
        Object.fromEntries(sums),
      )
    }
  })
})
if (CORPUS === undefined) console.warn('SKIPPED: real perf scripts need PROFCONV_CORPUS')
