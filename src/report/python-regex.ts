/**
 * Python's regular expressions (module re, of text) as JavaScript's. Syntax: https://docs.python.org/3/library/re.html.
 * A pattern is taken apart and said anew, because the two differ in more than spelling: \w \d \s \b know all of Unicode
 * in Python, `.` stops only at \n, `$` also stands before a last \n, `{` and `]` alone are themselves, `(?P<n>…)`, `(?#…)`,
 * `\A`, `\Z`, `{,n}` and `(?x)` do not exist in JavaScript.
 *
 * Differences that stay: a reference to a group that took no part matches nothing, in Python it fails; case is folded by
 * Unicode's simple rules; Python refuses look-behind of variable width, here it works. What cannot be said at all (atomic
 * groups, possessive quantifiers, conditions, flags of a part) is an error of its own, for it is not wrong.
 */
import { ProfconvError } from '../io/diagnostics.js'

const WORD = '\\p{L}\\p{N}_'
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const DIGIT = '\\p{Nd}'
const ASCII = { w: 'a-zA-Z0-9_', s: '\\t-\\r\\x20', d: '0-9' }
const UNICODE = { w: WORD, s: SPACE, d: DIGIT }
const CONTROL: Readonly<Record<string, string>> = { a: '\\x07', f: '\\f', n: '\\n', r: '\\r', t: '\\t', v: '\\v', '\\': '\\\\' }

/** Not a regular expression of Python. */
class Bad extends Error {}

/** The expression for `re.search`; null if Python would refuse it. @throws ProfconvError 'usage' for what only Python has */
export const pythonRegex = (source: string): RegExp | null => {
  try {
    return new Translator(source).regex()
  } catch (error) {
    if (error instanceof Bad || error instanceof SyntaxError) return null
    throw error
  }
}

const unsupported = (source: string, what: string): ProfconvError =>
  new ProfconvError(
    'unsupported',
    'report/regex',
    `${what} of Python's regular expressions cannot be used here: ${JSON.stringify(source)}`,
    {
      hint: 'say it without',
    },
  )

/** One character as a literal, wherever it may stand. */
const literal = (c: string): string => {
  if (/^[\p{L}\p{N}_ ]$/u.test(c)) return c
  return `\\u{${c.codePointAt(0)!.toString(16)}}`
}

class Translator {
  private readonly chars: readonly string[]
  private at = 0
  private out = ''
  /** What a quantifier would apply to: nothing, an item, or an item that has one already. */
  private item: 'none' | 'item' | 'quantified' = 'none'
  /** What closes the groups that are open. */
  private readonly open: string[] = []
  private flags = new Set<string>()

  constructor(private readonly source: string) {
    this.chars = [...source]
  }

  regex(): RegExp {
    this.globalFlags()
    while (this.at < this.chars.length) this.step()
    if (this.open.length > 0) throw new Bad('a group is not closed')
    return new RegExp(this.out, this.flags.has('i') ? 'iu' : 'u')
  }

  /** `(?ims)` at the very beginning. */
  private globalFlags(): void {
    const m = /^(?:\(\?([aiLmsux]+)\))+/.exec(this.source)
    if (m === null) return
    this.flags = new Set(m[0].replace(/[(?)]/g, ''))
    if (this.flags.has('L') || (this.flags.has('a') && this.flags.has('u'))) throw new Bad('flags that do not fit')
    this.at = m[0].length
  }

  private get classes(): typeof UNICODE {
    return this.flags.has('a') ? ASCII : UNICODE
  }

  private step(): void {
    const c = this.chars[this.at++]
    if (this.flags.has('x')) {
      if (/\s/.test(c)) return
      if (c === '#') {
        while (this.at < this.chars.length && this.chars[this.at] !== '\n') this.at++
        return
      }
    }
    switch (c) {
      case '.':
        this.emit(this.flags.has('s') ? '[^]' : '[^\\n]')
        return
      case '^':
        this.place(this.flags.has('m') ? '(?<=\\n|^)' : '^')
        return
      case '$':
        this.place(this.flags.has('m') ? '(?=\\n|$)' : '(?=\\n?$)')
        return
      case '|':
        this.out += '|'
        this.item = 'none'
        return
      case '*':
      case '+':
      case '?':
        this.quantifier(c)
        return
      case '{':
        this.brace()
        return
      case '(':
        this.group()
        return
      case ')':
        if (this.open.length === 0) throw new Bad('a group is not open')
        this.emit(this.open.pop()!)
        return
      case '[':
        this.set()
        return
      case '\\':
        this.escape()
        return
      default:
        this.emit(literal(c))
        return
    }
  }

  private emit(text: string): void {
    this.out += text
    this.item = 'item'
  }

  /** A place between characters: nothing that could be repeated. */
  private place(text: string): void {
    this.out += text
    this.item = 'none'
  }

  private take(c: string): boolean {
    if (this.chars[this.at] !== c) return false
    this.at++
    return true
  }

  private quantifier(text: string): void {
    if (this.item === 'none') throw new Bad('nothing to repeat')
    if (this.item === 'quantified') throw new Bad('repeated twice')
    if (this.chars[this.at] === '+') throw unsupported(this.source, 'possessive quantifiers')
    this.out += text + (this.take('?') ? '?' : '')
    this.item = 'quantified'
  }

  /** `{m}`, `{m,}`, `{,n}`, `{m,n}`; anything else is a brace. */
  private brace(): void {
    const m = /^(?:(\d+)|(\d*),(\d*))\}/.exec(this.chars.slice(this.at, this.at + 24).join(''))
    if (m === null) {
      this.emit(literal('{'))
      return
    }
    this.at += m[0].length
    const [low, high] = m[1] === undefined ? [m[2] || '0', m[3]] : [m[1], m[1]]
    if (high !== '' && Number(high) < Number(low)) throw new Bad('less than least')
    if (Number(low) > 0xffffffff || Number(high) > 0xffffffff) throw new Bad('too many')
    this.quantifier(m[1] === undefined ? `{${low},${high}}` : `{${low}}`)
  }

  private group(): void {
    const rest = this.chars.slice(this.at, this.at + 256).join('')
    const open = (text: string, skip: number, close = ')'): void => {
      this.out += text
      this.at += skip
      this.open.push(close)
      this.item = 'none'
    }
    if (!rest.startsWith('?')) {
      open('(', 0)
      return
    }
    for (const kind of ['?:', '?=', '?!', '?<=', '?<!']) {
      if (!rest.startsWith(kind)) continue
      // Python may repeat what looks ahead or back, JavaScript only what is around it.
      if (kind === '?:') open('(?:', 2)
      else open(`(?:(${kind}`, kind.length, '))')
      return
    }
    const named = /^\?P<([\p{L}_][\p{L}\p{N}_]*)>/u.exec(rest)
    if (named !== null) {
      open(`(?<${named[1]}>`, [...named[0]].length)
      return
    }
    const back = /^\?P=([\p{L}_][\p{L}\p{N}_]*)\)/u.exec(rest)
    if (back !== null) {
      if (!this.out.includes(`(?<${back[1]}>`)) throw new Bad('no such group')
      this.at += [...back[0]].length
      this.emit(`\\k<${back[1]}>`)
      return
    }
    if (rest.startsWith('?#')) {
      const end = this.chars.indexOf(')', this.at)
      if (end < 0) throw new Bad('a comment is not closed')
      this.at = end + 1
      return
    }
    if (rest.startsWith('?>')) throw unsupported(this.source, 'atomic groups')
    if (rest.startsWith('?(')) throw unsupported(this.source, 'conditions')
    if (/^\?[aiLmsux]*(-[imsx]+)?:/.test(rest)) throw unsupported(this.source, 'flags of a part')
    throw new Bad('unknown extension')
  }

  private escape(): void {
    const c = this.chars[this.at++]
    const { w } = this.classes
    switch (c) {
      case undefined:
        throw new Bad('a backslash at the end')
      case 'A':
        this.place('^')
        return
      case 'Z':
        this.place('$')
        return
      case 'b':
        this.place(`(?:(?<=[${w}])(?![${w}])|(?<![${w}])(?=[${w}]))`)
        return
      case 'B':
        this.place(`(?:(?<=[${w}])(?=[${w}])|(?<![${w}])(?![${w}])(?:(?<=[^])|(?=[^])))`)
        return
    }
    const reference = /^[1-9]\d?/.exec(this.chars.slice(this.at - 1, this.at + 1).join(''))
    if (reference !== null && !/^[0-3][0-7][0-7]$/.test(this.chars.slice(this.at - 1, this.at + 2).join(''))) {
      this.at += reference[0].length - 1
      const groups = (this.out.match(/\((?!\?)|\(\?<[^=!]/g) ?? []).length
      if (Number(reference[0]) > groups) throw new Bad('no such group')
      this.emit(`\\${reference[0]}(?:)`)
      return
    }
    const kind = this.shorthand(c)
    this.emit(kind === null ? this.escaped(c) : `[${kind}]`)
  }

  /** The inside of a set for \w, \D and their like; null for other letters. */
  private shorthand(c: string): string | null {
    const lower = c.toLowerCase()
    if (lower !== 'w' && lower !== 'd' && lower !== 's') return null
    const inside = this.classes[lower]
    return c === lower ? inside : `^${inside}`
  }

  /** A character behind a backslash, in a set or outside. */
  private escaped(c: string): string {
    if (Object.hasOwn(CONTROL, c)) return CONTROL[c]
    const hex = { x: 2, u: 4, U: 8 }[c]
    if (hex !== undefined) {
      const digits = this.chars.slice(this.at, this.at + hex).join('')
      if (!new RegExp(`^[0-9a-fA-F]{${hex}}$`).test(digits)) throw new Bad('an incomplete escape')
      this.at += hex
      const cp = Number.parseInt(digits, 16)
      if (cp > 0x10ffff) throw new Bad('no character')
      return `\\u{${cp.toString(16)}}`
    }
    const octal = /^(?:0[0-7]{0,2}|[1-3][0-7]{2})/.exec(this.chars.slice(this.at - 1, this.at + 2).join(''))
    if (octal !== null) {
      this.at += octal[0].length - 1
      return `\\u{${Number.parseInt(octal[0], 8).toString(16)}}`
    }
    if (c === 'N') throw unsupported(this.source, 'names of characters')
    if (/[A-Za-z0-9]/.test(c)) throw new Bad('an unknown escape')
    return literal(c)
  }

  /** `[…]`. What \W, \D and \S leave out is said as an alternative, because a set cannot hold another. */
  private set(): void {
    const negated = this.take('^')
    let inside = ''
    const others: string[] = []
    for (let first = true; ; first = false) {
      if (this.at >= this.chars.length) throw new Bad('a set is not closed')
      if (!first && this.take(']')) break
      const low = this.setItem(others)
      if (this.chars[this.at] !== '-' || this.chars[this.at + 1] === ']' || this.at + 1 >= this.chars.length) {
        inside += low.text
        continue
      }
      this.at++
      const high = this.setItem(others)
      if (!low.single || !high.single) throw new Bad('a range of sets')
      inside += `${low.text}-${high.text}`
    }
    const options = [...(inside === '' ? [] : [`[${inside}]`]), ...others.map((o) => `[${o}]`)]
    if (negated) this.emit(`(?:(?!${options.join('|')})[^])`)
    else this.emit(options.length === 1 ? options[0] : `(?:${options.join('|')})`)
  }

  private setItem(others: string[]): { readonly text: string; readonly single: boolean } {
    const c = this.chars[this.at++]
    if (c !== '\\') return { text: literal(c), single: true }
    const e = this.chars[this.at++]
    if (e === undefined) throw new Bad('a backslash at the end')
    if (e === 'b') return { text: '\\x08', single: true }
    const kind = this.shorthand(e)
    if (kind === null) return { text: this.escaped(e), single: true }
    if (!kind.startsWith('^')) return { text: kind, single: false }
    others.push(kind)
    return { text: '', single: false }
  }
}
