/**
 * Takes detail out of names. Functions that become equal are joined and their numbers added: two callers that collide
 * are summed, where pstats' strip_dirs() keeps only the last and loses the other's counts.
 */
import type { ProfileBuilder } from '../model/builder.js'
import type { Profile } from '../model/profile.js'
import { isUtf8 } from '../model/strings.js'
import { rebuild } from './accumulate.js'

type Rename = (s: string) => string

/** Renames functions, their files and the files of frames; what is not named stays. Strings that do not change keep their bytes. */
const rename = (profile: Profile, names: Rename | null, files: Rename | null, mappings: Rename | null): Profile => {
  const { functions, strings, mappings: m } = profile
  const string = (builder: ProfileBuilder, row: number, change: Rename | null): number => {
    if (row < 0) return -1
    const bytes = strings.bytes(row)
    if (change !== null) {
      // Names that are not UTF-8 are cut byte by byte: what stays of them stays as it is.
      const bytewise = !isUtf8(bytes)
      const old = bytewise ? Array.from(bytes, (b) => String.fromCharCode(b)).join('') : strings.get(row)
      const now = change(old)
      if (now !== old && !bytewise) return builder.str(now)
      if (now !== old)
        return builder.strings.internBytes(
          Uint8Array.from(now, (c) => c.charCodeAt(0)),
          0,
          now.length,
        )
    }
    return builder.strings.internBytes(bytes, 0, bytes.length)
  }
  const mappingRows = new Map<number, number>()
  const mapping = (builder: ProfileBuilder, row: number): number => {
    const known = mappingRows.get(row)
    if (known !== undefined) return known
    const file = string(builder, m.file[row], mappings)
    const to = builder.mapping(m.start[row], m.limit[row], m.fileOffset[row], file, string(builder, m.buildId[row], null), m.flags[row])
    mappingRows.set(row, to)
    return to
  }
  return rebuild(profile, {
    mapping,
    file: (builder, row) => string(builder, row, files),
    func: (builder, row) =>
      builder.func(
        string(builder, functions.name[row], names),
        string(builder, functions.file[row], files),
        functions.startLine[row],
        functions.startColumn[row],
        string(builder, functions.systemName[row], null),
        functions.mapping[row] < 0 ? -1 : mapping(builder, functions.mapping[row]),
      ),
  })
}

/** Leaves only the last part of every source path, as pstats' strip_dirs() does; Windows paths are understood on any system. */
export const stripDirs = (profile: Profile): Profile => rename(profile, null, baseName, null)

const baseName = (path: string): string => {
  const windows = /^([A-Za-z]:[\\/]|\\\\)/.test(path)
  const cut = windows ? Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) : path.lastIndexOf('/')
  return path.slice(cut + 1)
}

/** Removes `prefix` from the front of every source path and binary that has it. */
export const stripPrefix = (profile: Profile, prefix: string): Profile => {
  const cut = (path: string): string => (path.startsWith(prefix) ? path.slice(prefix.length) : path)
  return rename(profile, null, cut, cut)
}

/** Removes C++ parameter lists, template arguments and a trailing `const` from function names. Mangled names stay. */
export const stripArgs = (profile: Profile): Profile => rename(profile, withoutArgs, null, null)

/** `std::vector<int>::push_back(int const&) const` → `std::vector::push_back`. */
export const withoutArgs = (name: string): string => {
  // Operators contain the very characters that are cut: keep `operator()`, `operator<<`, `operator->` whole.
  const operator = /\boperator\s*(\(\)|\[\]|<=>|<<=?|>>=?|->\*?|[<>]=?|[-+*/%^&|~!=,]+)/.exec(name)
  if (operator !== null) {
    const end = operator.index + operator[0].length
    return withoutGroups(name.slice(0, operator.index)) + operator[0] + withoutGroups(name.slice(end), '')
  }
  return withoutGroups(name)
}

/** @param nothing what to give when all is cut. */
const withoutGroups = (name: string, nothing = name): string => {
  let out = ''
  let depth = 0
  for (let i = 0; i < name.length; i++) {
    const c = name[i]
    const group =
      depth === 0 ? /^\((anonymous namespace|below main|anonymous|root|program|idle|garbage collector)\)/.exec(name.slice(i, i + 24)) : null
    if (group !== null) {
      out += group[0]
      i += group[0].length - 1
    } else if (c === '(' || (c === '<' && (out !== '' || nothing === ''))) depth++
    else if (depth > 0 && (c === ')' || (c === '>' && name[i - 1] !== '-'))) depth--
    else if (depth === 0) out += c
  }
  // Unbalanced: not C++. Either way, what has no arguments stays to the last space.
  if (depth > 0 || out === name) return name
  const stripped = out.replace(/\s+const$/, '').trim()
  return stripped === '' ? nothing : stripped
}
