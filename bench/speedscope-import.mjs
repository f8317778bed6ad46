// node speedscope-import.mjs FOLDER FILE: imports a file as speedscope's page does, without the page. FOLDER is the npm package,
// which holds nothing but the bundle of the page. Its importer is taken from there: everything up to the call that draws
// is run with stand-ins for the browser, and the function that reads dropped files is called.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runInThisContext } from 'node:vm'

const [folder, path] = process.argv.slice(2)
const release = join(folder, 'dist/release')
const bundle = readdirSync(release).find((f) => /^speedscope-\w+\.js$/.test(f))
const text = readFileSync(join(release, bundle), 'utf8')

const importer = /async function (\w+)\(\w+,\w+\)\{return\(await \w+\)\.importProfilesFromArrayBuffer\(/.exec(text)?.[1]
const draws = text.lastIndexOf('document.body,document.body.lastElementChild')
const statement = text.lastIndexOf(';', draws)
if (importer === undefined || draws < 0) throw new Error('this speedscope is built in another way')

// Whatever is asked of it, it gives itself.
const nothing = new Proxy(function nothing() {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => '' : nothing),
  apply: () => nothing,
  construct: () => nothing,
  set: () => true,
})
for (const name of ['window', 'document', 'navigator', 'localStorage', 'requestAnimationFrame', 'location', 'matchMedia'])
  Object.defineProperty(globalThis, name, { value: name === 'window' ? globalThis : nothing, configurable: true, writable: true })
globalThis.addEventListener = () => {}
const log = console.log
console.log = () => {}
runInThisContext(`${text.slice(0, statement)};globalThis.importProfiles=${importer}})();`)

const bytes = readFileSync(path)
const group = await globalThis.importProfiles(basename(path), bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
if (group === null) throw new Error('speedscope does not take this file')
log(group.profiles.map((p) => `${p.getName()}: ${p.getTotalWeight()}`).join('\n'))
process.exit(0)
