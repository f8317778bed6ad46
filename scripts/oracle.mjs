// npm run oracle: numbers against the native tools that are installed. Runs the tests that compare with them and prints,
// per proof, how many comparisons agreed, with which tool, what was left out because the tool is wrong there, and what could not be
// compared.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const corpus = join(root, '../shared/corpus')
const env = { ...process.env, PROFCONV_ORACLE: '1', PROFCONV_CORPUS: process.env.PROFCONV_CORPUS ?? (existsSync(corpus) ? corpus : '') }
if (env.PROFCONV_CORPUS === '') delete env.PROFCONV_CORPUS

const tests = [
  'test/oracle',
  'native.test.ts',
  'oracle.test.ts',
  'corpus.test.ts',
  'compare.test.ts',
  'compat.test.ts',
  'browser.test.ts',
  'svg/write.test.ts',
  'pyprof2calltree.test.ts',
  'test/diff',
  'annotate.test.ts',
  'kcachegrind.test.ts',
]
const r = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...tests], {
  cwd: root,
  env,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
})
const lines = `${r.stdout}\n${r.stderr}`.replace(/\u001b\[[0-9;]*m/g, '').split('\n')
const proofs = lines.filter((l) => l.startsWith('ORACLE ')).map((l) => l.slice(7))
const rows = proofs.map((p) => /^(\S+) (.*?): (\d+) comparisons agree with (.*?)(; (?:LEFT OUT|SKIPPED): .*)?$/.exec(p)).filter(Boolean)
rows.sort((a, b) => (a[1] < b[1] ? -1 : 1))
const widths = [2, 3].map((i) => Math.max(...rows.map((m) => m[i].length)))
for (const m of rows) console.log(`${m[1].padEnd(3)} ${m[2].padEnd(widths[0])}  ${m[3].padStart(widths[1])} agree  ${m[4]}${m[5] ?? ''}`)
const skipped = [...new Set(lines.filter((l) => l.startsWith('SKIPPED')))]
if (skipped.length > 0) console.log(`\n${skipped.join('\n')}`)
console.log(`\n${lines.filter((l) => /^\s+(Tests|Test Files) /.test(l)).join('\n')}`)
if (r.status !== 0) {
  console.log(lines.filter((l) => /^\s*(FAIL|×)|AssertionError/.test(l)).join('\n'))
  process.exit(1)
}
