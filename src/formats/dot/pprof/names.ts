/** Names in boxes: without the packages and namespaces around them, a part on each line. */
import { baseName } from '../../shared/base-name.js'

/** `\` and `"` end a string of DOT; a line end is drawn left-aligned; Graphviz knows no other controls. */
export const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\l')
    .replace(/[\0-\x08\x0b-\x1f\x7f]/g, ' ')

const WORD = '[A-Za-z0-9_]'

/** The version that Go puts at the end of an import path: no part of the name. */
const GO_VERSION = /\/v(?:[2-9]|[1-9]\d+)(?=[./])/
/** `net/http.(*Server).Serve` without the path. */
const GO_PATH = /^(?:[-.A-Za-z0-9_]+\/)+(?=.)/
/** `java.util.HashMap$Node.get(int)`: packages are small, classes begin large, methods small. */
const JAVA = new RegExp(`^(?:[a-z]${WORD}*\\.)*([A-Z](?:${WORD}|\\$)*\\.(?:<init>|[a-z](?:${WORD}|\\$)*))(?:\\(|$)`)
/** `ns::Class::method<T>`: one or more scopes, a class that begins large, its method. */
const CPP = new RegExp(`^(?:[A-Za-z_]${WORD}*::)+(_*[A-Z]${WORD}*::~?[A-Za-z_]${WORD}*(?:<.*>)?)`)
const ANONYMOUS = '(anonymous namespace)::'

/** What stays of a name in its box; the tooltip has all of it. */
export const shortName = (name: string): string => {
  const unversioned = name.replace(GO_VERSION, '')
  const java = JAVA.exec(unversioned)
  if (java !== null) return java[1]
  if (GO_PATH.test(unversioned)) return unversioned.replace(GO_PATH, '')
  const cpp = CPP.exec(unversioned)
  if (cpp !== null) return cpp[1]
  return unversioned.startsWith(ANONYMOUS) ? unversioned.slice(ANONYMOUS.length) : unversioned
}

/** A name over several lines, as text of DOT, but not that of a binary. The dots of Go's `[...]` are no ends of parts. */
export const nameLines = (name: string): string => escaped(shortName(name)).replaceAll('[...]', '[\u2026]').replace(/::|\./g, '\\n')

/** What is known of code without a function: the binary it is in. */
export const nameOfBinary = (file: string): string => (file === '' ? '<unknown>' : `[${baseName(file)}]`)
