/** The check of the arrows can fail: a tree with one of each violation is reported line by line, ours is clean. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const folders: string[] = []
afterAll(() => {
  for (const f of folders) rmSync(f, { recursive: true, force: true })
})

const arrows = (root: string): { status: number | null; lines: string[] } => {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts/arrows.mjs'), root], { encoding: 'utf8' })
  return { status, lines: stdout.split('\n').filter((l) => l !== '') }
}

const tree = (files: Record<string, string>): string => {
  const root = mkdtempSync(join(tmpdir(), 'profconv-arrows-'))
  folders.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

test('our own tree is clean', () => {
  expect(arrows(ROOT).lines.filter((l) => !l.startsWith('warning:'))).toEqual([])
})

test('every kind of violation is found, and nothing else', () => {
  const root = tree({
    'src/model/profile.ts': "import { x } from '../io/x.js'\nexport const p = x\n",
    'src/io/x.ts': "import { readFileSync } from 'node:fs'\nexport const x = readFileSync\n",
    'src/io/gzip.ts': "import { Inflate } from 'pako'\nexport const g = Inflate\n",
    'src/formats/format.ts': '// console.log is fine in a comment\nexport type F = "Buffer.from"\n',
    'src/formats/a/index.ts':
      "import { b } from '../b/read.js'\nimport { merge } from '../../convert/merge.js'\nexport const a = [b, merge]\n",
    'src/formats/b/index.ts': "export const r = () => import('./read.js')\n",
    'src/formats/b/read.ts': "import yargs from 'yargs'\nexport const b = yargs\nconsole.log(Date.now())\n",
    'src/formats/b/README.md': 'b\n',
    'src/convert/merge.ts': "import './gone.js'\nexport const merge = Buffer.from([process.env.X ? 1 : 0])\n",
    'src/index.ts': "export { g } from './io/gzip.js'\nimport left from 'left-pad'\nexport default left\n",
    'bin/cli.ts': "import yargs from 'yargs'\nimport { p } from '../src/model/profile.js'\nconsole.log(yargs, p, process.argv)\n",
    'src/model/long.ts': '\n'.repeat(600),
  })
  const { status, lines } = arrows(root)
  expect(status).toBe(1)
  expect(lines.sort()).toEqual(
    [
      'bin/cli.ts: must not import src/model/profile.ts (bin → model)',
      'src/convert/merge.ts: imports ./gone.js, which is not there',
      'src/convert/merge.ts:2: must not use Buffer',
      'src/convert/merge.ts:2: must not use process',
      'src/formats/a/index.ts: loads yargs at once (src/formats/a/index.ts → src/formats/b/read.ts); put an import() between',
      'src/formats/a/index.ts: must not import src/convert/merge.ts (format:a → convert)',
      'src/formats/a/index.ts: must not import src/formats/b/read.ts (format:a → format:b)',
      'src/formats/a: has no README.md',
      'src/formats/b/read.ts: must not import yargs; its home is ^bin\\/cli\\.ts$',
      'src/formats/b/read.ts:3: must not use console',
      'src/formats/b/read.ts:3: must not use the clock',
      'src/index.ts: imports the package left-pad, which has no home',
      'src/index.ts: loads left-pad at once (src/index.ts); put an import() between',
      'src/index.ts: loads pako at once (src/index.ts → src/io/gzip.ts); put an import() between',
      'src/io/x.ts: must not import node:fs; only src/node may',
      'src/model/profile.ts: must not import src/io/x.ts (model → io)',
      'warning: src/model/long.ts: 601 lines; is that one job?',
    ].sort(),
  )
})
