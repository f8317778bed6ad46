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
 * esbuild makes a file of every set of modules that the same entries share: some twenty for one conversion. Let all that is
 * loaded by import() begin with bin/common.ts, which is there by then, and these sets become one.
 * The worker's module begins with it too.
 */
const oneCommonFile = {
  name: 'one common file',
  setup: (b) => {
    b.onResolve({ filter: /^[.a-z]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      // The package says that no module has effects, and an import for its effects would be dropped.
      if (path === 'common' || path.endsWith('/common.js')) return { path: COMMON, sideEffects: true }
      if (kind !== 'dynamic-import' || path.endsWith('/cli.js') || pluginData === 'asked') return
      const found = await b.resolve(path, { kind, importer, resolveDir, pluginData: 'asked' })
      return { ...found, pluginData: 'later' }
    })
    b.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path, pluginData }) =>
      pluginData === 'later' || path.endsWith('/bin/worker.ts')
        ? { contents: `import 'common';${readFileSync(path, 'utf8')}`, loader: path.endsWith('.ts') ? 'ts' : 'js' }
        : undefined,
    )
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

/**
 * Node's own modules as they are. An import declaration looks at every export first, and some of them load further modules
 * when they are looked at: importing node:fs starts all of node:stream.
 */
const plainBuiltins = {
  name: 'plain builtins',
  setup: (b) => {
    b.onResolve({ filter: /^node:/ }, ({ path, kind }) => (kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined))
    b.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

/** protobufjs makes do without long.js, which compiles WebAssembly when it loads. Wide integers are read in src/formats/pprof. */
const noLongs = {
  name: 'no longs',
  setup: (b) => b.onLoad({ filter: /\/node_modules\/long\// }, () => ({ contents: 'module.exports = null' })),
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
    // The second is what a thread of --jobs starts with.
    entryPoints: { profconv: 'bin/profconv.ts', worker: 'bin/worker.ts' },
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
    // The codec of the library in browsers: here node:zlib takes its place. And 800 KB that only pictures need.
    external: ['pako', '@hpcc-js/wasm-graphviz'],
    metafile: true,
    logLevel: 'warning',
    plugins: [plainBuiltins, leanYargs, noLongs, oneCommonFile],
  })
  writeFileSync(join(directory, 'LICENSES.txt'), licences(Object.keys(metafile.inputs)))
  chmodSync(join(directory, 'profconv.js'), 0o755)
}

if (process.argv[1] && existsSync(process.argv[1]) && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await bundle(process.argv[2])
