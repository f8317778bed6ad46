/** What the parts of a JSON text stream into; built by `json` in json.ts, followed by json-machine.ts. */
export type Shape = ObjectShape | ArrayShape | EachShape | NumbersShape | ValueShape | LazyShape | SkipShape

/** A key that its object knows, as bytes too: most keys are recognised without making a string of them. */
export interface KnownKey {
  readonly name: string
  readonly bytes: Uint8Array
  readonly shape: Shape
}

export interface ObjectShape {
  readonly kind: 'object'
  /** A null in its place is passed over. */
  readonly orNull?: boolean
  readonly keys: readonly KnownKey[]
  readonly byName: ReadonlyMap<string, Shape>
  readonly rest?: (key: string) => Shape | undefined
  readonly start?: () => void
  readonly end?: () => void
}

export interface ArrayShape {
  readonly kind: 'array'
  readonly orNull?: boolean
  readonly item: Shape
  readonly start?: () => void
  readonly end?: () => void
}

export interface EachShape {
  readonly kind: 'each'
  readonly fn: (value: unknown, index: number, at: number) => void
  readonly scanner?: ElementScanner
}

/**
 * Takes elements of an array straight from the bytes, where it knows their layout; all others go to `fn`. It must take
 * nothing that JSON.parse would refuse or understand differently, and it throws nothing: what it does not take is judged
 * by `fn`, so what is wrong is said in one place.
 */
export interface ElementScanner {
  /** How many elements the last scan took. */
  readonly count: number
  /**
   * Takes whole elements and the commas between them from `buf[start, end)`; an element begins at `start`.
   * Returns the index after the last element that it took; `start` if it took none.
   */
  scan(buf: Uint8Array, start: number, end: number): number
}

export interface NumbersShape {
  readonly kind: 'numbers'
  readonly push: (v: number, rest: number, index: number, at: number) => void
  readonly other?: (value: unknown, index: number, at: number) => void
  /** Takes small whole numbers many at a time, and says how many of them. */
  readonly pushMany?: (values: Int32Array, count: number) => number
}

export interface ValueShape {
  readonly kind: 'value'
  readonly fn: (value: unknown, at: number) => void
}

export interface LazyShape {
  readonly kind: 'lazy'
  readonly make: () => Shape
}

export interface SkipShape {
  readonly kind: 'skip'
}

export const SKIP: SkipShape = { kind: 'skip' }

export interface JsonOptions {
  /** First part of error codes: the format's id. */
  readonly code: string
  /** Deepest nesting that is not refused as hostile. */
  readonly maxDepth?: number
  /** Repair strings that were written without escaping (see json-strings.ts). */
  readonly lenientStrings?: boolean
  /** Called for every string that was repaired, with its offset. */
  readonly onRepair?: (at: number) => void
  /** Called once, with the offset of the first value or key whose bytes are not UTF-8 (they become U+FFFD). */
  readonly onInvalidUtf8?: (at: number) => void
}
