/**
 * Which package a function belongs to, as far as its name, file or binary tell: what neighbouring boxes of one colour have
 * in common. A guess by the habits of languages, for colours only.
 */

import { FrameKind } from '../../model/profile.js'
import { baseName } from '../shared/base-name.js'

export interface Place {
  readonly name: string
  /** '' = not known. */
  readonly file: string
  /** Last part of the path of the binary; '' = not known. */
  readonly binary: string
  readonly kind: number
}

/** Folders that hold packages: what comes next in the path is one. */
const INSTALLED =
  /(?:^|[/\\])(?:node_modules|site-packages|dist-packages|gems|pkg[/\\]mod)[/\\](?!.*[/\\](?:node_modules|site-packages)[/\\])(.+)$/

/** The name of a package; '' if nothing tells. */
export const packageOf = ({ name, file, binary, kind }: Place): string => {
  if (kind === FrameKind.kernel) return 'kernel'
  return ofFile(file) || ofName(name) || binary || baseName(file)
}

const ofFile = (file: string): string => {
  if (file === '') return ''
  const path = file.replace(/^(file|webpack|webpack-internal|https?):\/+/, '')
  const installed = INSTALLED.exec(path)
  if (installed !== null) {
    const [first, second] = installed[1].split(/[/\\]/)
    return (first.startsWith('@') || first.includes('.')) && second !== undefined && !/\.\w+$/.test(second)
      ? `${first}/${second}`
      : first.replace(/\.pyc?$/, '')
  }
  if (file.startsWith('node:')) return `node:${file.slice(5).split('/')[0]}`
  if (/^<frozen /.test(file) || /[/\\]lib[/\\]python[\d.]+[/\\]/.test(path) || file === '~') return 'python'
  return ''
}

const ofName = (name: string): string => {
  // DTrace: libc.so.1`malloc; Windows: ntdll.dll!NtWaitForSingleObject
  const module = /^([\w.+-]+)[`!]/.exec(name)
  if (module !== null) return module[1]
  // Java: java/util/HashMap.get, java.util.HashMap.get: packages are small, the class is not
  const java = /^L?((?:[a-z]\w*\/)+)[A-Z]/.exec(name) ?? /^((?:[a-z]\w*\.){2,})[A-Z]/.exec(name)
  if (java !== null) return java[1].split(/[./]/).slice(0, -1).slice(0, 3).join('.')
  // C++ and Rust: std::vector<…>::push_back, <alloc::vec::Vec<T> as …>::from_iter
  const scope = /^[<&*(\s]*(?:dyn |mut |const )*([A-Za-z_]\w*)::/.exec(name)
  if (scope !== null) return scope[1]
  // Go: net/http.(*conn).serve, github.com/a/b.F, runtime.mallocgc
  const go = /^((?:[\w.~-]+\/)*[\w-]+(?:\.v\d+)?)\.(?:\(\*?\w|[A-Za-z_]\w*(?:$|[.[]))/.exec(name)
  return go === null ? '' : go[1]
}
