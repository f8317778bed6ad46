/** What a pickle holds once it is read: plain data. Python's classes are names, its objects are their name and their state. */
import type { StringInterner } from '../../model/strings.js'

/** A string: a row of the pickle's interner. There is one Text per distinct string, so `===` compares them. */
export class Text {
  constructor(readonly row: number) {}
}

/** A class that was asked for by name, "module name"; only those that the caller allowed. */
export class PyClass {
  constructor(readonly name: string) {}
}

/** A list or a set. A tuple is a plain array. */
export class PyList {
  readonly items: Value[] = []
}

/** A dictionary in the order of the file. */
export class PyDict {
  readonly keys: Value[] = []
  readonly values: Value[] = []

  set(key: Value, value: Value): void {
    this.keys.push(key)
    this.values.push(value)
  }

  /** What stands under a key that is a Text or a number; undefined if nothing does. Linear: for the few keys of an object. */
  get(key: Value): Value | undefined {
    const at = this.keys.lastIndexOf(key)
    return at < 0 ? undefined : this.values[at]
  }
}

/** An object of an allowed class, as the pickle describes it; nothing was constructed. */
export class PyObject {
  /** Its attributes (or whatever its class keeps as state). */
  state: Value = null
  /** Items of a class that is a dictionary, or a list. */
  dict: PyDict | null = null
  list: PyList | null = null
  constructor(
    readonly cls: string,
    readonly args: Value,
  ) {}
}

/** Integers beyond 2^53 are bigints; floats and other integers are numbers. */
export type Value = null | boolean | number | bigint | Text | PyClass | PyList | PyDict | PyObject | readonly Value[]

/** A value in a few words, for messages. */
export const describeValue = (v: Value | undefined, strings: StringInterner): string => {
  if (v === undefined) return 'nothing'
  if (v === null) return 'None'
  if (v instanceof Text) {
    const s = strings.get(v.row)
    return `the string ${JSON.stringify(s.length > 40 ? `${s.slice(0, 40)}…` : s)}`
  }
  if (v instanceof PyList) return `a list of ${v.items.length}`
  if (v instanceof PyDict) return `a dictionary of ${v.keys.length}`
  if (v instanceof PyClass) return `the class ${dotted(v.name)}`
  if (v instanceof PyObject) return `an object of ${dotted(v.cls)}`
  if (Array.isArray(v)) return `a tuple of ${v.length}`
  return `the ${typeof v === 'boolean' ? 'truth value' : 'number'} ${v}`
}

/** "os system" → "os.system". */
export const dotted = (name: string): string => name.replace(' ', '.')

/** The attributes of an object; null if it has none (or something else for state). */
export const attributesOf = (v: Value | undefined): PyDict | null => {
  if (!(v instanceof PyObject)) return null
  // A class with slots has (attributes, slots).
  const state = Array.isArray(v.state) ? (v.state as readonly Value[])[0] : v.state
  return state instanceof PyDict ? state : null
}
