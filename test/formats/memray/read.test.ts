/** memray: what its reports say is the answer. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../../src/model/profile.js'
import { codes, fixture, fixtureText, load, refusal } from '../shared/reading.js'

const frameName = (p: Profile, f: number): string => {
  const fn = p.frames.function[f]
  const file = p.strings.get(p.functions.file[fn])
  return (
    p.strings.get(p.functions.name[fn]) +
    (file === '' ? '' : `@${file.split('/').at(-1)}`) +
    (p.frames.line[f] > 0 ? `:${p.frames.line[f]}` : '')
  )
}
const rows = (p: Profile): string[] =>
  Array.from({ length: p.samples!.length }, (_, i) => {
    const parts: string[] = []
    for (let s = p.samples!.stack[i]; s >= 0; s = p.stacks.prefix[s]) parts.unshift(frameName(p, p.stacks.frame[s]))
    const t = p.samples!.thread[i]
    const set = p.samples!.labels[i]
    const allocator = set < 0 ? '' : ` ${p.strings.get(p.labels.str[p.labelSets.label[set]])}`
    return `${t < 0 ? '-' : p.strings.get(p.threads.name[t])}${allocator} | ${parts.join(';')} = ${p.samples!.values.map((v) => v[i]).join(' ')}`
  })
const costs = (p: Profile): Record<string, number> => {
  const { costs: c } = p.graph!
  return Object.fromEntries(Array.from({ length: c.length }, (_, i) => [frameName(p, c.frame[i]), c.values[0][i]]))
}

describe('HTML', () => {
  test('flame graph', async () => {
    const result = await load(fixture('memray/by-hand-flamegraph.memray.html'))
    expect(result.format.id).toBe('memray')
    expect(codes(result)).toEqual([])
    const [p] = result.profiles
    expect(rows(p)).toEqual([
      '- |  = 11 1',
      '0x1 (MainThread) | <module>@main.py:9 = 40 1',
      '0x1 (MainThread) | <module>@main.py:9;grow@shop.py:15 = 900 3',
      "0x1 (MainThread) | <module>@main.py:9;operator<<@it's.cpp:20 = 60 1",
      '0x2 (worker) | run@worker.py:4;run@worker.py:4 = 50 2',
    ])
    expect(p.meta).toMatchObject({ name: 'flamegraph report (memory leaks)', command: 'memray run shop.py --name "<x>"' })
    // The root's values are the totals.
    expect(p.samples!.values.map((v) => v.reduce((a, b) => a + b, 0))).toEqual([1061, 8])
  })

  test('temporal', async () => {
    const [p] = (await load(fixture('memray/by-hand-temporal.memray.html'))).profiles
    expect(p.valueTypes.map((t) => t.name)).toEqual(['memory', 'allocations', 'kept memory', 'kept allocations'])
    expect(rows(p)).toEqual([
      '0x1 (MainThread) | <module>@main.py:9;grow@shop.py:15 = 1000 4 100 1',
      "0x1 (MainThread) | <module>@main.py:9;operator<<@it's.cpp:20 = 60 1 60 1",
      '0x2 (worker) | run@worker.py:4;run@worker.py:4 = 50 2 0 0',
    ])
  })

  test('table', async () => {
    const [p] = (await load(fixture('memray/by-hand-table.memray.html'))).profiles
    expect(rows(p)).toEqual([
      '0x1 (MainThread) malloc | grow@shop.py:15 = 900 3',
      '0x1 (MainThread) mmap | grow@shop.py:15 = 100 1',
      '0x2 (worker) calloc | <module>@a at b.py:3 = 7 1',
      '0x2 (worker) calloc |  = 4 1',
    ])
  })

  test('refusals', async () => {
    const page = (data: string, title = 'flamegraph report'): string =>
      `<!DOCTYPE html>\n<title>memray - ${title}</title>\n<script>\nconst packed_data = ${data};\n</script>`
    const columns = '"function":[0,0],"filename":[0,0],"lineno":[0,0],"thread_id":[0,0],"value":[5,5],"n_allocations":[1,1]'
    const nodes = (children: string): string => page(`{"nodes":{${columns},"children":${children}},"strings":["x"]}`)
    expect(await refusal(nodes('[[1],[]]'), 'memray')).toBe('read')
    expect(await refusal(nodes('[[1],[1]]'), 'memray')).toBe('memray/no-node')
    expect(await refusal(nodes('[[1],[0]]'), 'memray')).toBe('memray/no-node')
    expect(await refusal(nodes('[[2],[]]'), 'memray')).toBe('memray/no-node')
    expect(await refusal(nodes('[[1]]'), 'memray')).toBe('memray/columns')
    expect(await refusal(nodes('[[1],[]]').replace('"strings":["x"]', '"strings":[]'), 'memray')).toBe('memray/no-string')
    expect(await refusal(page('{"nodes":{}}'), 'memray')).toBe('memray/empty')
    expect(await refusal(page('[]'), 'memray')).toBe('memray/empty')
    expect(await refusal(page('[{}]'), 'memray')).toBe('memray/wrong-value')
    expect(await refusal(page('{}', 'inverted flamegraph report'), 'memray')).toBe('memray/inverted')
    expect(await refusal('<title>memray - x</title>', 'memray')).toBe('memray/no-data')
    expect(await refusal('<p>', 'memray')).toBe('memray/no-report')
    expect(await refusal('memray\0\x0c', 'memray')).toBe('memray/capture')
    expect(await refusal(fixtureText('memray/by-hand-table.memray.html').slice(0, 500), 'memray')).toBe('memray/truncated')
  })

  test('100,000 nodes deep', async () => {
    const n = 100_000
    const list = (f: (i: number) => unknown): string => JSON.stringify(Array.from({ length: n }, (_, i) => f(i)))
    const zeros = list(() => 0)
    const columns = ['function', 'filename', 'lineno', 'thread_id'].map((key) => `"${key}":${zeros}`).join()
    const children = list((i) => (i + 1 < n ? [i + 1] : []))
    const data = `{"nodes":{${columns},"value":${list(() => 5)},"n_allocations":${list(() => 1)},"children":${children}},"strings":["x"]}`
    const [p] = (await load(`<title>memray - flamegraph report</title>\nconst packed_data = ${data};`, 'memray')).profiles
    expect(p.stacks.length).toBe(n - 1)
    expect(p.samples!.length).toBe(1)
  })
})

test('stats', async () => {
  const result = await load(fixture('memray/by-hand-stats.memray.json'))
  expect(result.format.id).toBe('memray')
  const [sizes, counts, allocators] = result.profiles
  expect(costs(sizes)).toEqual({ 'grow@shop.py:15': 100663296, 'fill@shop.py:44': 16777216, '<stack trace unavailable>': 4096 })
  expect(costs(counts)).toEqual({ '<listcomp>@shop.py:20': 4000, 'grow@shop.py:15': 96, 'run@C:\\demo\\main.py:3': 2 })
  expect(rows(allocators)).toEqual(['- | MALLOC = 4117', '- | MMAP = 900', '- | REALLOC = 100'])
  expect(sizes.meta).toMatchObject({ pid: 4711, command: 'memray run shop.py --orders 40' })
  expect(sizes.meta.comments![0]).toBe('memray: 125829120 bytes in 5117 allocations altogether')
  const stats = (more: string): string => `{"total_num_allocations":1,"total_bytes_allocated":1${more}}`
  expect(await refusal(stats(''), 'memray')).toBe('memray/empty')
  expect(await refusal(stats(',"top_allocations_by_size":[{"location":"a:b:1"}]'), 'memray')).toBe('memray/wrong-value')
  expect(await refusal(stats(',"allocator_type_distribution":{"__proto__":1}'), 'memray')).toBe('read')
})

test('memray transform speedscope: lines are those executing', async () => {
  const profile = '{"type":"sampled","name":"Memory","unit":"bytes","startValue":0,"endValue":5,"samples":[[0]],"weights":[5]}'
  const frames = '{"frames":[{"name":"f","file":"a.py","line":3}]}'
  const schema = '"$schema":"https://www.speedscope.app/file-format-schema.json"'
  const [p] = (await load(`{${schema},"shared":${frames},"profiles":[${profile}],"exporter":"memray@1.19.0"}`)).profiles
  expect([p.frames.line[0], p.functions.startLine[0]]).toEqual([3, -1])
})
