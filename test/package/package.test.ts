/**
 * What is published works: the package is packed, installed in an empty folder, its command run, its entry points
 * imported and type-checked. Needs the registry for the dependencies; without it, it is skipped and says so.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const FIXTURE = join(ROOT, 'test/fixtures/cpuprofile/old-head-tree.cpuprofile')
const folder = mkdtempSync(join(tmpdir(), 'profconv-package-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// npm hands its own settings down to scripts; a nested npm must find the user's, not ours.
const env = Object.fromEntries(Object.entries(process.env).filter(([k]) => !/^npm_(lifecycle|package|config_local)/i.test(k)))
const run = (command: string, args: string[], cwd: string): { status: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 64 << 20, timeout: 240_000 })
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' }
}
const ok = (command: string, args: string[], cwd: string): string => {
  const { status, stdout, stderr } = run(command, args, cwd)
  expect(status, `${command} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0)
  return stdout
}

const online =
  run('npm', ['ping', '--fetch-timeout=8000', '--fetch-retries=0'], folder).status === 0 ||
  run('npm', ['view', 'yargs', 'version', '--fetch-timeout=8000', '--fetch-retries=0'], folder).status === 0
if (!online) console.warn('SKIPPED: test/package needs a package registry, and none answers')

describe.skipIf(!online)('the packed package', () => {
  const app = join(folder, 'app')
  let packed: string[] = []

  test('packs and installs in an empty folder', () => {
    const [{ filename, files }] = JSON.parse(ok('npm', ['pack', '--json', '--pack-destination', folder], ROOT).replace(/^[^[]*/, '')) as [
      { filename: string; files: { path: string }[] },
    ]
    packed = files.map((f) => f.path)
    mkdirSync(app)
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
    ok('npm', ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', join(folder, filename)], app)
    expect(readdirSync(join(app, 'node_modules'))).toContain('profconv')
  })

  test('holds the built code, docs and examples, and no source, test or map', () => {
    for (const path of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/bin/profconv.js',
      'dist/bin/LICENSES.txt',
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'docs/FORMATS.md',
    ])
      expect(packed).toContain(path)
    expect(packed.filter((p) => !/^(dist|docs|examples)\/|^[^/]+$/.test(p))).toEqual([])
    expect(
      packed.filter((p) => (p.endsWith('.ts') && !p.endsWith('.d.ts')) || /\.map$|\.tgz$|test/.test(p.replace(/^dist\/src\/testing/, ''))),
    ).toEqual([])
  })

  test('its command converts', () => {
    const bin = join(app, 'node_modules/.bin', process.platform === 'win32' ? 'profconv.cmd' : 'profconv')
    expect(ok(bin, ['-i', FIXTURE, '-f', 'collapsed'], app)).toMatch(/;.* \d/)
    expect(ok(bin, ['--version'], app)).toMatch(/\d+\.\d+\.\d+/)
    expect(ok(bin, ['formats'], app)).toContain('callgrind')
    const missing = run(bin, ['-i', 'not-there.cpuprofile', '-f', 'collapsed'], app)
    expect(missing.status).not.toBe(0)
    expect(missing.stderr).toContain('not-there.cpuprofile')
  })

  test('its entry points import, read and write', () => {
    writeFileSync(
      join(app, 'use.mjs'),
      `import { readFileSync } from 'node:fs'
      import { BUILTIN_FORMATS, bytesSource, convert, merge, read } from 'profconv'
      import { ProfileBuilder, SCHEMA } from 'profconv/model'
      import { pprof } from 'profconv/formats/pprof'
      import { conformanceChecks } from 'profconv/testing'
      const bytes = new Uint8Array(readFileSync(process.argv[2]))
      const { profiles } = await read(bytesSource('a', bytes))
      const merged = merge([profiles[0], profiles[0]])
      const { chunks } = await convert(bytesSource('a', bytes), { to: pprof })
      let size = 0
      for await (const c of chunks) size += c.length
      const b = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
      b.value(b.sample(b.stack(-1, b.frame(b.func(b.str('main'))))), 0, 1)
      const checks = conformanceChecks(pprof, [], { profiles: [{ name: 'one', profile: b.finish() }] })
      for (const check of checks) await check.run()
      console.log(JSON.stringify({ formats: BUILTIN_FORMATS.length, samples: merged.samples.length, size, checks: checks.length, tables: Object.keys(SCHEMA).length }))`,
    )
    const answer = JSON.parse(ok(process.execPath, ['use.mjs', FIXTURE], app))
    expect(answer.formats).toBeGreaterThanOrEqual(8)
    expect(answer.samples).toBeGreaterThan(0)
    expect(answer.size).toBeGreaterThan(50)
    expect(answer.checks).toBe(6)
    expect(answer.tables).toBe(13)
  })

  test('importing it loads no dependency', () => {
    // Resolve hooks run in their own thread, so what was resolved is told through a file.
    writeFileSync(
      join(app, 'hooks.mjs'),
      `import { appendFileSync } from 'node:fs'
      export const resolve = async (specifier, context, next) => {
        const found = await next(specifier, context)
        appendFileSync('resolved.txt', found.url + '\\n')
        return found
      }`,
    )
    writeFileSync(
      join(app, 'load.mjs'),
      `import { readFileSync, writeFileSync } from 'node:fs'
      import { register } from 'node:module'
      writeFileSync('resolved.txt', '')
      register('./hooks.mjs', import.meta.url)
      for (const entry of ['profconv', 'profconv/model', 'profconv/testing', 'profconv/formats/pprof']) await import(entry)
      const urls = readFileSync('resolved.txt', 'utf8').split('\\n')
      const packages = urls.map((u) => /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(u)?.[1]).filter(Boolean)
      console.log(JSON.stringify([...new Set(packages)]))`,
    )
    expect(JSON.parse(ok(process.execPath, ['load.mjs'], app))).toEqual(['profconv'])
  })

  test('its types fit a consumer that knows neither node nor a browser', () => {
    writeFileSync(
      join(app, 'consumer.ts'),
      `import { type ConvertOptions, convert, bytesSource, defineFormat, type Format, FEATURES, type Fidelity, ProfconvError } from 'profconv'
      import type { Profile } from 'profconv/model'
      import { speedscope } from 'profconv/formats/speedscope'
      import { conformanceChecks, type Fixture } from 'profconv/testing'
      const options: ConvertOptions = { to: speedscope, stripDirs: true }
      export const run = async (bytes: Uint8Array): Promise<Profile | undefined> => {
        try {
          const result = await convert(bytesSource('x', bytes), options)
          for await (const chunk of result.chunks) chunk.length
          return result.profiles[0]
        } catch (e) {
          if (e instanceof ProfconvError && e.kind === 'malformed') return undefined
          throw e
        }
      }
      const fidelity = Object.fromEntries(Object.keys(FEATURES).map((f) => [f, 'none'])) as Fidelity
      export const mine: Format = defineFormat({
        id: 'mine', name: 'Mine', extensions: ['mine'], media: 'text', evidence: 'samples', streaming: true, spec: 'https://example.org', fidelity,
        writer: async () => ({ *write() { yield new Uint8Array(0) } }),
      })
      export const checks = (fixtures: Fixture[]) => conformanceChecks(mine, fixtures)
      // @ts-expect-error there is no such option
      export const wrong: ConvertOptions = { to: 'pprof', stripDirz: true }
      `,
    )
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
      strict: true,
      noEmit: true,
      types: [],
      lib: ['ES2022', 'DOM'],
    }
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
    ok(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], app)
    // The same in a bundler that takes the browser's entry.
    const browser = { ...compilerOptions, module: 'ESNext', moduleResolution: 'Bundler', customConditions: ['browser'] }
    writeFileSync(join(app, 'tsconfig.browser.json'), JSON.stringify({ compilerOptions: browser, files: ['consumer.ts'] }))
    ok(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.browser.json'], app)
  })
})
