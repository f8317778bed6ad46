/** The formats of this run: the built-in ones, and those of `--use` modules. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BUILTIN_FORMATS, FEATURES, type Fidelity, type Format, ProfconvError } from '../src/index.js'

/** Built-in formats, then those of the modules; one that has the id of an earlier one takes its place. */
export const formatsInUse = async (modules: readonly string[]): Promise<readonly Format[]> => {
  if (modules.length === 0) return BUILTIN_FORMATS
  const byId = new Map(BUILTIN_FORMATS.map((f) => [f.id, f]))
  for (const name of modules) for (const format of await formatsOf(name)) byId.set(format.id, format)
  return [...byId.values()]
}

/** `--use` values, before anything else is parsed: the formats they bring have options. */
export const usedModules = (argv: readonly string[]): string[] => {
  const modules: string[] = []
  for (let i = 0; i < argv.length && argv[i] !== '--'; i++) {
    if (argv[i] === '--use' && i + 1 < argv.length) modules.push(argv[++i])
    else if (argv[i].startsWith('--use=')) modules.push(argv[i].slice('--use='.length))
  }
  return modules
}

const EXPECTED = 'a JavaScript module (./my-format.js) or the name of an installed package'

const isPath = (name: string): boolean => /^[./]|^[A-Za-z]:[\\/]/.test(name)

const formatsOf = async (name: string): Promise<Format[]> => {
  let exports: Record<string, unknown>
  if (isPath(name) && !existsSync(name)) {
    throw new ProfconvError('usage', 'use/missing', `--use ${name}: there is no such file`, { expected: EXPECTED })
  }
  try {
    exports = await import(await urlOf(name))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ProfconvError('usage', 'use/import', `--use ${name} cannot be imported: ${why.split('\n')[0]}`, {
      expected: EXPECTED,
      cause,
    })
  }
  const found = Object.values(exports).flat().filter(isFormat)
  if (found.length > 0) return [...new Set(found)].map(answered)
  throw new ProfconvError('usage', 'use/no-format', `--use ${name} exports no format`, {
    expected: "an export made with defineFormat() of 'profconv'",
  })
}

/** A feature that a format does not mention is one that it does not keep. */
const answered = (format: Format): Format => {
  const silent = Object.keys(FEATURES).filter((f) => !Object.hasOwn(format.fidelity, f))
  if (silent.length === 0) return format
  return {
    ...format,
    fidelity: { ...format.fidelity, ...(Object.fromEntries(silent.map((f) => [f, 'none'])) as Partial<Fidelity>) } as Fidelity,
  }
}

/** Paths are those of the shell, names are looked up where the command runs. */
const urlOf = async (name: string): Promise<string> => {
  if (isPath(name) || existsSync(name)) return pathToFileURL(resolve(name)).href
  const { createRequire } = await import('node:module')
  try {
    return pathToFileURL(createRequire(join(process.cwd(), 'x.js')).resolve(name)).href
  } catch {
    return name
  }
}

const isFormat = (value: unknown): value is Format => {
  const f = value as Partial<Format> | null
  return (
    typeof f === 'object' &&
    f !== null &&
    typeof f.id === 'string' &&
    typeof f.fidelity === 'object' &&
    Array.isArray(f.extensions) &&
    (typeof f.reader === 'function' || typeof f.writer === 'function')
  )
}
