/** The directory of zip files: what other programs pack, and what no honest one does. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isZip, unzipped, zipMembers } from '../../src/io/zip.js'
import { type End, type Member, zipFile } from './zip-file.js'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const contents = async (zip: Uint8Array): Promise<[string, string][]> => {
  const out: [string, string][] = []
  for (const m of zipMembers(zip)) out.push([m.name, text(await unzipped(m))])
  return out
}
const a: Member = { name: 'a.txt', content: 'first' }
const b: Member = { name: 'größe/__proto__', content: 'second '.repeat(1000), method: 0 }

describe('what is packed comes out', () => {
  test('deflated and stored, and a comment behind', async () => {
    const zip = zipFile([a, b], { comment: 'made for a test' })
    expect(isZip(zip)).toBe(true)
    expect(await contents(zip)).toEqual([
      ['a.txt', 'first'],
      ['größe/__proto__', b.content],
    ])
  })

  test('an empty file, and empty members', async () => {
    expect(isZip(zipFile([]))).toBe(true)
    expect(zipMembers(zipFile([]))).toEqual([])
    expect(await contents(zipFile([{ name: '', content: '' }]))).toEqual([['', '']])
  })

  test('of Python, seekable and not: sizes may stand behind the data', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'profconv-zip-'))
    const script = `
import sys, zipfile
class Pipe:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): self.f.flush()
for name, wrap in (("file.zip", lambda f: f), ("pipe.zip", Pipe)):
    with open(sys.argv[1] + "/" + name, "wb") as f, zipfile.ZipFile(wrap(f), "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.txt", "first" * 999)
        z.writestr("b.txt", "")`
    writeFileSync(join(folder, 'make.py'), script)
    execFileSync('python3', [join(folder, 'make.py'), folder])
    for (const name of ['file.zip', 'pipe.zip']) {
      const packed = new Uint8Array(readFileSync(join(folder, name)))
      expect(await contents(packed)).toEqual([
        ['a.txt', 'first'.repeat(999)],
        ['b.txt', ''],
      ])
    }
  })
})

describe('the directory is refused', () => {
  const cases: [string, Member[], End, string][] = [
    ['zip64 by its numbers', [a], { entries: 0xffff }, 'zip/zip64'],
    ['zip64 by the size of a member', [{ ...a, size: 0xffffffff }], {}, 'zip/zip64'],
    ['zip64 by its locator', [a], { before: new Uint8Array([0x50, 0x4b, 6, 7, ...new Array(16).fill(0)]) }, 'zip/zip64'],
    ['several disks', [a], { disk: 1 }, 'zip/disks'],
    ['a member on another disk', [{ ...a, disk: 2 }], {}, 'zip/disks'],
    ['a directory beyond its end', [a], { start: 0x7fffffff }, 'zip/directory'],
    ['more entries than there are', [a], { entries: 2 }, 'zip/directory'],
    ['a directory that is none', [a, b], { start: 4, size: 100 }, 'zip/directory'],
    ['a member that is not there', [{ ...a, from: 3 }], {}, 'zip/member'],
    ['a member beyond the directory', [{ ...a, packed: 5000 }], {}, 'zip/member'],
    ['another name in the member', [{ ...a, localName: 'b.txt' }], {}, 'zip/member'],
    ['a longer name in the member', [{ ...a, localName: 'a.txt2' }], {}, 'zip/member'],
    ['one member twice', [a, { ...a, from: 0 }], {}, 'zip/overlap'],
    ['a member over its neighbour', [{ ...a, packed: 60 }, b], {}, 'zip/overlap'],
  ]
  test.each(cases)('%s', (_, members, end, code) => {
    expect(() => zipMembers(zipFile(members, end))).toThrow(expect.objectContaining({ code }))
  })

  test('cut anywhere', () => {
    const zip = zipFile([a, b])
    for (let n = 0; n < zip.length; n += 7)
      expect(() => zipMembers(zip.subarray(0, n))).toThrow(expect.objectContaining({ code: 'zip/cut' }))
  })

  test('damaged anywhere: an error of ours, or the members as they were', async () => {
    const zip = zipFile([a, b])
    for (let i = 0; i < zip.length; i++) {
      for (const bit of [0x80, 1]) {
        const bad = zip.slice()
        bad[i] ^= bit
        await contents(bad).catch((e: { code?: string }) => expect(e.code).toMatch(/^zip\//))
      }
    }
  })
})

describe('a member is refused', () => {
  test.each([
    ['encrypted', { ...a, flags: 1 }, 'zip/encrypted'],
    ['packed otherwise', { ...a, method: 14 }, 'zip/method'],
    ['another checksum', { ...a, crc: 1 }, 'zip/crc'],
    ['more than it says', { ...b, method: 8, size: 10 }, 'zip/size'],
    ['less than it says', { ...a, size: 6 }, 'zip/size'],
    ['stored, and another size', { ...a, method: 0, size: 4 }, 'zip/size'],
    ['cut in its data', { ...a, packed: 3 }, 'zip/size'],
    ['a bomb', { ...a, size: 300 << 20 }, 'zip/bomb'],
    ['too much for any profile', { name: 'x', content: '', size: 0xfffffffe }, 'zip/bomb'],
  ])('%s', async (_, member, code) => {
    const start = performance.now()
    await expect(contents(zipFile([member]))).rejects.toMatchObject({ code })
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
