/**
 * Python's pickle, protocols 0 to 5, as data: a closed interpreter of its opcodes. https://docs.python.org/3/library/pickle.html;
 * the opcodes themselves are described by CPython's Lib/pickletools.py.
 *
 * A pickle is a program, and Python runs it. Here nothing is imported, called or constructed: the only classes are those that
 * the caller lists, and an object is its class's name and the state that the pickle gives it. Opcodes that only make sense
 * with code behind them (persistent ids, extension codes, calls of anything but `copyreg._reconstructor`) are refused.
 *
 * Traps:
 *  - Everything may be shared, or hold itself: whoever walks the result must not follow it without end. `Unpickled.spend` is
 *    a budget for that, which an honest file cannot exceed.
 *  - Nothing here recurses, so depth costs nothing. Lengths are checked against the bytes left before anything is allocated.
 *  - Python 2 wrote names as byte strings, Python 3 as UTF-8 with lone surrogates: both are kept as the bytes they are.
 */
import type { ProfconvError } from '../../io/diagnostics.js'
import { StringInterner } from '../../model/strings.js'
import { PickleStack } from './pickle-stack.js'
import { bytesOfRepr, textOfRawEscape } from './pickle-text.js'
import { describeValue, dotted, PyClass, PyDict, PyList, PyObject, Text, type Value } from './pickle-values.js'

export interface PickleOptions {
  /** Id of the format, for codes of errors. */
  readonly code: string
  /** What the pickle should be, for messages: "a line_profiler result". */
  readonly what: string
  /** The classes it may name: "module name". */
  readonly classes: ReadonlySet<string>
}

/** What came out of a pickle. */
export interface Unpickled {
  readonly value: Value
  readonly strings: StringInterner
  /** The Text of a string, as far as the pickle holds it: to look up keys with. */
  text(s: string): Text
  /** Where the pickle ends. */
  readonly end: number
  /** Counts `n` values visited. @throws ProfconvError once shared values were visited more often than their file could spell out. */
  spend(n: number): void
}

/** Classes that protocols 0 and 1 need for any object at all. */
const RECONSTRUCTORS = new Set(['copy_reg _reconstructor', 'copyreg _reconstructor'])
const BASES = new Set(['object', 'dict', 'list'].flatMap((c) => [`__builtin__ ${c}`, `builtins ${c}`]))

/** More values on the stack than any tuple or batch needs. */
const MOST_STACK = 1 << 24
const ALLOWANCE = 10_000

/** Reads one pickle from the beginning of `buf`. */
export const unpickle = (buf: Uint8Array, options: PickleOptions): Unpickled => new Machine(buf, options).run()

class Machine extends PickleStack implements Unpickled {
  readonly strings = new StringInterner()
  value: Value = null
  end = 0

  private readonly texts: Text[] = []
  private readonly classes = new Map<string, PyClass>()
  private budget: number

  constructor(
    buf: Uint8Array,
    private readonly options: PickleOptions,
  ) {
    super(buf, options.code, options.what)
    this.budget = buf.length + ALLOWANCE
  }

  text(s: string): Text {
    return this.textOf(this.strings.intern(s))
  }

  spend(n: number): void {
    this.budget -= n
    if (this.budget < 0) {
      throw this.limit('reference-bomb', 'it refers to the same values more often than any profiler does', {
        hint: 'the file was made to exhaust memory or time; nothing of it was used',
      })
    }
  }

  run(): this {
    const { buf } = this
    for (;;) {
      if (this.pos >= buf.length) throw this.truncated()
      if (this.stack.length > MOST_STACK) throw this.limit('stack', `more than ${MOST_STACK} values are waiting on its stack`)
      const at = this.pos
      const op = buf[this.pos++]
      if (op === 0x2e) {
        this.value = this.pop(at)
        this.end = this.pos
        return this
      }
      this.step(op, at)
    }
  }

  /** One opcode. The frequent ones come first, by what profilers write. */
  private step(op: number, at: number): void {
    const { stack, buf } = this
    switch (op) {
      case 0x94: // MEMOIZE
        this.memo.push(this.top(at))
        return
      case 0x68: // BINGET
        this.get(this.u8(), at)
        return
      case 0x6a: // LONG_BINGET
        this.get(this.u32(), at)
        return
      case 0x4b: // BININT1
        stack.push(this.u8())
        return
      case 0x4d: // BININT2
        this.need(2)
        stack.push(buf[this.pos] | (buf[this.pos + 1] << 8))
        this.pos += 2
        return
      case 0x4a: // BININT
        this.need(4)
        stack.push(this.view.getInt32(this.pos, true))
        this.pos += 4
        return
      case 0x47: // BINFLOAT
        this.need(8)
        stack.push(this.view.getFloat64(this.pos))
        this.pos += 8
        return
      case 0x85: // TUPLE1
        stack.push([this.pop(at)])
        return
      case 0x86: {
        // TUPLE2
        const b = this.pop(at)
        stack.push([this.pop(at), b])
        return
      }
      case 0x87: {
        // TUPLE3
        const c = this.pop(at)
        const b = this.pop(at)
        stack.push([this.pop(at), b, c])
        return
      }
      case 0x28: // MARK
        this.mark(at)
        return
      case 0x74: // TUPLE
        stack.push(this.toMark(at))
        return
      case 0x71: // BINPUT
        this.put(this.u8(), at)
        return
      case 0x72: // LONG_BINPUT
        this.put(this.u32(), at)
        return
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
        this.string(this.u8())
        return
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
        this.string(this.u32())
        return
      case 0x8d: // BINUNICODE8
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.string(this.u64())
        return
      case 0x95: // FRAME
        // Only a hint about reading ahead; that it fits is checked all the same.
        this.need(this.u64())
        return
      case 0x80: {
        // PROTO
        const protocol = this.u8()
        if (protocol > 5) throw this.bad('protocol', `it is a pickle of protocol ${protocol}`, at, 'protocol 0 to 5')
        return
      }
      case 0x4e: // NONE
        stack.push(null)
        return
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        stack.push(op === 0x88)
        return
      case 0x8a: // LONG1
        stack.push(this.long(this.u8(), at))
        return
      case 0x8b: // LONG4
        stack.push(this.long(this.u32(), at))
        return
      case 0x61: {
        // APPEND
        const item = this.pop(at)
        this.listOf(this.top(at), at).items.push(item)
        return
      }
      case 0x65: // APPENDS
      case 0x90: {
        // ADDITEMS
        const items = this.toMark(at)
        const list = this.listOf(this.top(at), at).items
        for (const item of items) list.push(item)
        return
      }
      case 0x73: {
        // SETITEM
        const value = this.pop(at)
        const key = this.pop(at)
        this.dictOf(this.top(at), at).set(key, value)
        return
      }
      case 0x75: {
        // SETITEMS
        const items = this.toMark(at)
        this.fill(this.dictOf(this.top(at), at), items, at)
        return
      }
      default:
        this.rare(op, at)
    }
  }

  private rare(op: number, at: number): void {
    const { stack } = this
    switch (op) {
      case 0x7d: // EMPTY_DICT
        stack.push(new PyDict())
        return
      case 0x5d: // EMPTY_LIST
      case 0x8f: // EMPTY_SET
        stack.push(new PyList())
        return
      case 0x29: // EMPTY_TUPLE
        stack.push([])
        return
      case 0x64: {
        // DICT
        const dict = new PyDict()
        this.fill(dict, this.toMark(at), at)
        stack.push(dict)
        return
      }
      case 0x6c: // LIST
      case 0x91: {
        // FROZENSET
        const list = new PyList()
        for (const item of this.toMark(at)) list.items.push(item)
        stack.push(list)
        return
      }
      case 0x63: // GLOBAL
        stack.push(this.global(this.line(at), this.line(at), at))
        return
      case 0x93: {
        // STACK_GLOBAL
        const name = this.pop(at)
        const module = this.pop(at)
        if (!(name instanceof Text && module instanceof Text)) throw this.bad('class-name', 'a class is not named by strings', at)
        stack.push(this.global(this.strings.get(module.row), this.strings.get(name.row), at))
        return
      }
      case 0x81: // NEWOBJ
      case 0x92: {
        // NEWOBJ_EX
        if (op === 0x92) this.pop(at)
        const args = this.pop(at)
        stack.push(this.object(this.pop(at), args, at))
        return
      }
      case 0x52: // REDUCE
        this.reduce(at)
        return
      case 0x62: {
        // BUILD
        const state = this.pop(at)
        const target = this.top(at)
        if (!(target instanceof PyObject)) throw this.bad('state', `a state stands after ${this.describe(target)}`, at, 'an object')
        target.state = state
        return
      }
      case 0x69: {
        // INST
        const cls = this.global(this.line(at), this.line(at), at)
        stack.push(this.object(cls, this.toMark(at), at))
        return
      }
      case 0x6f: {
        // OBJ
        const [cls, ...args] = this.toMark(at)
        stack.push(this.object(cls, args, at))
        return
      }
      case 0x30: // POP
        // As Python does: if the top is a mark, it is the mark that goes.
        if (this.marks.length > 0 && this.marks[this.marks.length - 1] === stack.length) this.marks.pop()
        else this.pop(at)
        return
      case 0x31: // POP_MARK
        this.toMark(at)
        return
      case 0x32: // DUP
        stack.push(this.top(at))
        return
      case 0x70: // PUT
        this.put(this.index(at), at)
        return
      case 0x67: // GET
        this.get(this.index(at), at)
        return
      case 0x49: // INT
      case 0x4c: // LONG
        stack.push(this.decimal(at))
        return
      case 0x46: {
        // FLOAT
        const s = this.line(at)
        const v = /^[+-]?(?:nan|inf)$/.test(s) ? Number(s.replace('inf', 'Infinity').replace(/.*nan/, 'NaN')) : Number(s)
        if (s.trim() === '' || (Number.isNaN(v) && !s.endsWith('nan'))) throw this.bad('number', `${JSON.stringify(s)} is no number`, at)
        stack.push(v)
        return
      }
      case 0x53: // STRING
      case 0x56: {
        // UNICODE
        const [start, end] = this.rawLine()
        const line = this.buf.subarray(start, end)
        const bytes = op === 0x53 ? bytesOfRepr(line) : textOfRawEscape(line)
        if (bytes === null) throw this.bad('string', 'a string is not quoted as Python does', at)
        stack.push(this.textOf(this.strings.internBytes(bytes, 0, bytes.length)))
        return
      }
      default:
        throw this.refused(op, at)
    }
  }

  private refused(op: number, at: number): ProfconvError {
    if (op === 0x50 || op === 0x51) return this.bad('persistent-id', 'it refers to something outside the file (a persistent id)', at)
    if (op >= 0x82 && op <= 0x84) return this.bad('extension', "it names a class by a number of somebody's registry", at)
    if (op === 0x97 || op === 0x98) return this.bad('buffer', 'it refers to a buffer outside the file', at)
    return this.bad('opcode', `0x${op.toString(16).padStart(2, '0')} is no opcode of pickle`, at)
  }

  private global(module: string, name: string, at: number): PyClass {
    const full = `${module} ${name}`
    if (!this.options.classes.has(full) && !RECONSTRUCTORS.has(full) && !BASES.has(full)) {
      const shown = dotted(full).slice(0, 100)
      throw this.bad(
        'foreign-class',
        `it asks for ${shown}, which is no part of ${this.options.what}`,
        at,
        'data of the profiler and nothing else',
        {
          hint: 'a pickle is a program: Python would run this one when it loads it. Nothing was run here; look where the file comes from',
        },
      )
    }
    let cls = this.classes.get(full)
    if (cls === undefined) this.classes.set(full, (cls = new PyClass(full)))
    return cls
  }

  private object(cls: Value | undefined, args: Value, at: number): PyObject {
    if (!(cls instanceof PyClass) || !this.options.classes.has(cls.name))
      throw this.bad('object', `an object should be made of ${this.describe(cls)}`, at, 'a class')
    return new PyObject(cls.name, args)
  }

  /** `copyreg._reconstructor(class, base, state of the base)`, which is how protocols 0 and 1 say "an object of". */
  private reduce(at: number): void {
    const args = this.pop(at)
    const fn = this.pop(at)
    if (!(fn instanceof PyClass && RECONSTRUCTORS.has(fn.name) && Array.isArray(args) && args.length === 3))
      throw this.bad('call', `it calls ${this.describe(fn)} with ${this.describe(args)}`, at, 'data only')
    const [cls, base, state] = args as readonly Value[]
    if (!(base instanceof PyClass && BASES.has(base.name))) throw this.bad('call', `an object is based on ${this.describe(base)}`, at)
    const object = this.object(cls, [], at)
    if (state instanceof PyDict) object.dict = state
    if (state instanceof PyList) object.list = state
    this.stack.push(object)
  }

  private listOf(v: Value, at: number): PyList {
    if (v instanceof PyList) return v
    if (v instanceof PyObject) return (v.list ??= new PyList())
    throw this.bad('item', `an item is put into ${this.describe(v)}`, at, 'a list')
  }

  private dictOf(v: Value, at: number): PyDict {
    if (v instanceof PyDict) return v
    if (v instanceof PyObject) return (v.dict ??= new PyDict())
    throw this.bad('item', `a key is put into ${this.describe(v)}`, at, 'a dictionary')
  }

  private fill(dict: PyDict, items: readonly Value[], at: number): void {
    if (items.length % 2 !== 0) throw this.bad('item', 'a key has no value', at)
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1])
  }

  private textOf(row: number): Text {
    return (this.texts[row] ??= new Text(row))
  }

  private string(size: number): void {
    this.need(size)
    this.stack.push(this.textOf(this.strings.internBytes(this.buf, this.pos, this.pos + size)))
    this.pos += size
  }

  private describe(v: Value | undefined): string {
    return describeValue(v, this.strings)
  }
}
