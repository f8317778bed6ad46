// Bundles the command line: `bundle(directory)`, or `node scripts/bundle.mjs DIRECTORY`.
//
// Start-up is what short runs consist of, and every file and every line that Node reads is a part of it. So one small
// file decides what is asked for, one holds what every conversion needs, and readers, writers, yargs and the rarer
// commands each have one of their own, which loads when it is needed. The library is not bundled: dist/src is what tsc made.

import { chmodSync, existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COMMON = join(ROOT, 'bin/common.ts')

/**
 * esbuild makes a file of every set of modules that the same entries share: some twenty for one conversion. Let readers,
 * writers and commands begin with bin/common.ts, which is loaded by then anyway, and these sets become one.
 */
const oneCommonFile = {
  name: 'one common file',
  setup: (b) => {
    b.onLoad({ filter: /\/src\/formats\/[^/]+\/(read|write)\.ts$|\/bin\/commands\/[^/]+\.ts$/ }, ({ path }) => ({
      contents: `import 'common';${readFileSync(path, 'utf8')}`,
      loader: 'ts',
    }))
    // The package says that no module has effects, and an import for its effects would be dropped.
    b.onResolve({ filter: /^common$|\/common\.js$/ }, () => ({ path: COMMON, sideEffects: true }))
  },
}

/** yargs without what it prints help with (ours is bin/help.ts): half of its code, and the larger part of its start-up. */
const leanYargs = {
  name: 'lean yargs',
  setup: (b) =>
    b.onLoad({ filter: /\/yargs\/lib\/platform-shims\/esm\.mjs$/ }, ({ path }) => ({
      contents: readFileSync(join(ROOT, 'scripts/yargs-platform.mjs'), 'utf8'),
      resolveDir: dirname(path),
    })),
}

/** The licences of the packages in the bundle, which ask to go with it. */
const licences = (inputs) => {
  const homes = new Set(inputs.map((i) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(i)?.[0]).filter(Boolean))
  const texts = [...homes].sort().map((home) => {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, home, 'package.json'), 'utf8'))
    const file = readdirSync(join(ROOT, home)).find((f) => /^licen[cs]e/i.test(f))
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(ROOT, home, file), 'utf8').trim() : ''}`
  })
  return `These packages are a part of the files in this directory.\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** Writes profconv.js and what it loads into a directory. */
export const bundle = async (directory) => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { profconv: 'bin/profconv.ts' },
    outdir: directory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Names stay: they are what stack traces and profiles of ourselves consist of.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [oneCommonFile, leanYargs],
  })
  writeFileSync(join(directory, 'LICENSES.txt'), licences(Object.keys(metafile.inputs)))
  chmodSync(join(directory, 'profconv.js'), 0o755)
}

if (process.argv[1] && existsSync(process.argv[1]) && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await bundle(process.argv[2])
