// The arrows of the house: who may import whom, which package has which home, and what src must not touch.
//   node scripts/arrows.mjs [ROOT]
// Prints every violation and exits 1 if there is one.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Layer of a file → the layers it may import. A format is `format:<id>`; its own layer is always allowed. */
const ARROWS = {
  model: [],
  io: ['model'],
  contract: ['io', 'model'],
  report: ['io', 'model'],
  shared: ['contract', 'io', 'model'],
  format: ['contract', 'shared', 'report', 'io', 'model'],
  'format list': ['contract', 'format index'],
  convert: ['contract', 'io', 'model'],
  index: ['convert', 'contract', 'format list', 'report', 'io', 'model'],
  testing: ['convert', 'contract', 'format list', 'io', 'model'],
  node: ['index', 'contract', 'io', 'model'],
  bin: ['index', 'node'],
}

/** The one format that is another one, drawn: it shares its descriptor and what it draws. */
const PICTURES = { 'format:svg': 'format:dot' }

/** Each heavy package and the files that may import it. */
const HOMES = {
  yargs: /^bin\/cli\.ts$/,
  pako: /^src\/io\/(gzip|inflate)\.ts$/,
  '@hpcc-js/wasm-graphviz': /^src\/formats\/svg\//,
  protobufjs: /^src\/formats\/pprof\//,
  'fast-xml-parser': /^src\/formats\/[^/]+\//,
}

/** What a browser does not have, or what makes output depend on more than input. */
const FORBIDDEN = [
  [/\bconsole\s*\./, 'console'],
  [/\bDate\.now\b|\bnew Date\(\s*\)/, 'the clock'],
  [/\bprocess\.(argv|cwd|env|exit|hrtime|memoryUsage|nextTick|on|once|platform|std\w+|versions?)\b/, 'process'],
  [/\bBuffer\s*[.(]/, 'Buffer'],
  [/\brequire\s*\(/, 'require'],
]

const LONG = 500

const layerOf = (file) => {
  const [top, second, third] = file.split('/')
  if (top === 'bin') return 'bin'
  if (second === 'index.ts') return 'index'
  if (second === 'node.ts' || second === 'node') return 'node'
  if (second === 'testing.ts' || second === 'testing') return 'testing'
  if (second !== 'formats') return second
  if (third === 'format.ts') return 'contract'
  if (third === 'index.ts') return 'format list'
  return third === 'shared' ? 'shared' : `format:${third}`
}

/** Is the import of `to` by `from` an arrow of the house? */
const allowed = (from, to) => {
  const [a, b] = [layerOf(from), layerOf(to)]
  if (a === b || PICTURES[a] === b) return true
  const arrows = ARROWS[a.startsWith('format:') ? 'format' : a]
  if (arrows === undefined) return false
  return arrows.includes(b) || (b.startsWith('format:') && arrows.includes('format index') && /^src\/formats\/[^/]+\/index\.ts$/.test(to))
}

/** Source without comments; with `strings` false without the text of strings too. */
const bare = (source, strings) =>
  source.replace(/\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (text) =>
    text.startsWith('/') ? text.replace(/[^\n]/g, ' ') : strings ? text : `''${text.replace(/[^\n]/g, '')}`,
  )

/** Imports of a file: specifier, and whether it is loaded only when called for or only a type. */
const importsOf = (source) => {
  const text = bare(source, true)
  const found = []
  for (const m of text.matchAll(/\b(?:import|export)\s+(type\s+)?(?:[\w*${}\s,]*?\sfrom\s+)?'([^']+)'/g))
    found.push({ name: m[2], lazy: m[1] !== undefined })
  for (const m of text.matchAll(/\bimport\s*\(\s*'([^']+)'\s*\)/g)) found.push({ name: m[1], lazy: true })
  return found
}

const filesUnder = (root, folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((e) => e.isFile() && e.name.endsWith('.ts'))
        .map((e) => relative(root, join(e.parentPath, e.name)).split(sep).join('/'))
    : []

/** Everything wrong with the tree at `root`: `errors` fail the check, `warnings` do not. */
export const checkTree = (root) => {
  const errors = []
  const warnings = []
  const files = [...filesUnder(root, 'src'), ...filesUnder(root, 'bin')].sort()
  const sources = new Map(files.map((f) => [f, readFileSync(join(root, f), 'utf8')]))
  /** Static imports of each file within the tree, and packages it loads at once. */
  const graph = new Map()
  for (const [file, source] of sources) {
    const edges = []
    const packages = []
    for (const { name, lazy } of importsOf(source)) {
      if (name.startsWith('.')) {
        const to = posix.join(dirname(file), name).replace(/\.js$/, '.ts')
        if (!sources.has(to)) errors.push(`${file}: imports ${name}, which is not there`)
        else if (!allowed(file, to)) errors.push(`${file}: must not import ${to} (${layerOf(file)} → ${layerOf(to)})`)
        if (!lazy) edges.push(to)
      } else if (name.startsWith('node:')) {
        if (file.startsWith('src/') && layerOf(file) !== 'node') errors.push(`${file}: must not import ${name}; only src/node may`)
      } else {
        const home = Object.entries(HOMES).find(([p]) => name === p || name.startsWith(`${p}/`))
        if (home === undefined) errors.push(`${file}: imports the package ${name}, which has no home`)
        else if (!home[1].test(file)) errors.push(`${file}: must not import ${name}; its home is ${home[1].source}`)
        if (!lazy) packages.push(name)
      }
    }
    graph.set(file, { edges, packages })
    if (file.startsWith('src/') && layerOf(file) !== 'node') {
      const code = bare(source, false)
      for (const [re, what] of FORBIDDEN) {
        const m = re.exec(code)
        if (m !== null) errors.push(`${file}:${code.slice(0, m.index).split('\n').length}: must not use ${what}`)
      }
    }
    const lines = source.split('\n').length
    if (lines > LONG) warnings.push(`${file}: ${lines} lines; is that one job?`)
  }
  for (const entry of files.filter((f) =>
    /^src\/(index|node|testing)\.ts$|^src\/model\/index\.ts$|^src\/formats\/[^/]+\/index\.ts$/.test(f),
  )) {
    for (const [name, path] of loadedBy(graph, entry))
      errors.push(`${entry}: loads ${name} at once (${path.join(' → ')}); put an import() between`)
  }
  const formats = join(root, 'src/formats')
  for (const e of existsSync(formats) ? readdirSync(formats, { withFileTypes: true }) : []) {
    if (e.isDirectory() && e.name !== 'shared' && !existsSync(join(formats, e.name, 'README.md')))
      errors.push(`src/formats/${e.name}: has no README.md`)
  }
  return { errors, warnings }
}

/** Packages that importing `entry` loads, each with the way there. */
const loadedBy = (graph, entry) => {
  const found = new Map()
  const seen = new Set([entry])
  const todo = [[entry]]
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const { edges, packages } = graph.get(path.at(-1)) ?? { edges: [], packages: [] }
    for (const p of packages) if (!found.has(p)) found.set(p, path)
    for (const to of edges) {
      if (seen.has(to)) continue
      seen.add(to)
      todo.push([...path, to])
    }
  }
  return found
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { errors, warnings } = checkTree(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)))
  for (const w of warnings) console.log(`warning: ${w}`)
  for (const e of errors) console.log(e)
  process.exitCode = errors.length > 0 ? 1 : 0
}
