// Everything about the source that can be known without running it: types, lint, arrows, generated docs. `npm run check`.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packageFile = (name, path) => join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), path)
const tsc = packageFile('typescript', 'bin/tsc')
const biome = packageFile('@biomejs/biome', 'bin/biome')

const STEPS = [
  // src must run in browsers: it is compiled without node's types, so that a stray Buffer is an error.
  ['types of src, without node', [tsc, '-p', 'tsconfig.src.json']],
  ['types of everything', [tsc, '-p', 'tsconfig.json']],
  ['lint and format', [biome, 'check', '--error-on-warnings']],
  ['arrows', ['scripts/arrows.mjs']],
  ['generated docs', ['scripts/docs.mjs', '--check']],
]

let failed = 0
for (const [name, args] of STEPS) {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  const ok = status === 0
  if (!ok) failed++
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  const output = `${stdout ?? ''}${ok ? '' : (stderr ?? '')}`.trim()
  if (output !== '' && (!ok || output.includes('warning:'))) console.log(output.replace(/^/gm, '  '))
}
console.log(failed === 0 ? 'all checks passed' : `${failed} of ${STEPS.length} checks failed`)
process.exitCode = failed === 0 ? 0 : 1
