/** The command as a program: bundled once for a state of the sources, shared by all tests that start processes. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = join(ROOT, 'node_modules', '.cache')

/** Directory with an executable `profconv` in it, for PATH. */
export const builtCommand = (): string => {
  const state = createHash('sha256')
  for (const dir of ['src', 'bin', 'scripts']) {
    for (const file of (readdirSync(join(ROOT, dir), { recursive: true }) as string[]).sort()) {
      const stat = statSync(join(ROOT, dir, file))
      if (stat.isFile()) state.update(`${dir}/${file} ${stat.mtimeMs} ${stat.size}\n`)
    }
  }
  const home = join(CACHE, `profconv-cli-${state.digest('hex').slice(0, 16)}`)
  const path = join(home, 'path')
  if (existsSync(path)) return path
  mkdirSync(CACHE, { recursive: true })
  for (const old of readdirSync(CACHE)) {
    // Other workers may still use what is an hour old at most.
    const stale = old.startsWith('profconv-cli-') && Date.now() - statSync(join(CACHE, old)).mtimeMs > 3_600_000
    if (stale) rmSync(join(CACHE, old), { recursive: true, force: true })
  }
  const fresh = mkdtempSync(join(CACHE, 'profconv-cli-new-'))
  const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/bundle.mjs'), join(fresh, 'bin')], { encoding: 'utf8' })
  if (!existsSync(join(fresh, 'bin/profconv.js'))) throw new Error(`the command cannot be bundled: ${stdout}${stderr}`)
  writeFileSync(join(fresh, 'package.json'), JSON.stringify({ name: 'profconv', version: '0.0.0-test', type: 'module' }))
  mkdirSync(join(fresh, 'path'))
  symlinkSync('../bin/profconv.js', join(fresh, 'path/profconv'))
  try {
    renameSync(fresh, home)
  } catch (error) {
    // Another worker was faster.
    if (!existsSync(path)) throw error
    rmSync(fresh, { recursive: true, force: true })
  }
  return path
}

/** As a process, with what it took of the machine. */
export const measured = (args: readonly string[]): { code: number | null; stderr: string; seconds: number; megabytes: number } => {
  const program = join(builtCommand(), '../bin/profconv.js')
  const hook = "process.on('exit', () => process.stderr.write('\\nmaxrss ' + process.resourceUsage().maxRSS + '\\n'))"
  const start = performance.now()
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, program, ...args],
    {
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  return {
    code: status,
    stderr: stderr.replace(/\nmaxrss.*\n/, ''),
    seconds: (performance.now() - start) / 1000,
    megabytes: Number(/maxrss (\d+)/.exec(stderr)?.[1] ?? NaN) / 1024,
  }
}
