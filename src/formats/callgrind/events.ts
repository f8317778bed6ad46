/**
 * callgrind's events ↔ value types. An event is one word; its unit, if it has one, is part of the word:
 *
 *  - `cpu(ms)` (Go's pprof): name `cpu`, unit milliseconds. This is also what we write.
 *  - `Time_(10ns)`, `Memory_(bytes)` (Xdebug): the name stays whole, because the tick is part of it; values are turned
 *    into whole units when read (×10, nanoseconds) and back into ticks when written, so numbers survive both ways.
 *  - `ns`, `us`, `ms`, `wall_time`, …: names that are units, or are known to be counted in one.
 *  - everything else (`Ir`, `Dr`, …) is a count.
 */
import type { ValueType } from '../../model/profile.js'
import { canonicalUnit, scaleBetween, unitOf } from '../../model/units.js'

/** A value type and how many of its units one tick of the file is. */
export interface Event extends ValueType {
  readonly ticks: number
}

/** Bare event names with a unit. `wall_time` and its like are ruby-prof's, in microseconds. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ['ns', 'nanoseconds'],
  ['nanoseconds', 'nanoseconds'],
  ['us', 'microseconds'],
  ['µs', 'microseconds'],
  ['usec', 'microseconds'],
  ['microseconds', 'microseconds'],
  ['ms', 'milliseconds'],
  ['msec', 'milliseconds'],
  ['milliseconds', 'milliseconds'],
  ['seconds', 'seconds'],
  ['bytes', 'bytes'],
  ['wall_time', 'microseconds'],
  ['process_time', 'microseconds'],
  ['gc_time', 'microseconds'],
])

/** What an event of the `events:` line measures. */
export const parseEvent = (event: string, creator = ''): Event => {
  const xdebug = /^.+_\((\d{0,9})([^()\d][^()]*)\)$/.exec(event)
  if (xdebug !== null && unitOf(xdebug[2]) !== undefined)
    return { name: event, unit: canonicalUnit(xdebug[2]), ticks: xdebug[1] === '' ? 1 : Math.max(Number(xdebug[1]), 1) }
  const pprof = /^(.+)\(([^()]+)\)$/.exec(event)
  if (pprof !== null) return { name: pprof[1], unit: canonicalUnit(pprof[2]), ticks: 1 }
  if (event === 'Ticks' && creator.startsWith('yappi')) return { name: event, unit: 'microseconds', ticks: 1 }
  return { name: event, unit: KNOWN.get(event) ?? 'count', ticks: 1 }
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['nanoseconds', 'ns'],
  ['microseconds', 'us'],
  ['milliseconds', 'ms'],
  ['seconds', 's'],
])

/** One word: what separates words in an `events:` line cannot be in a name, nor what ends the line. */
const word = (s: string): string => s.replace(/[\s\0]+/gu, '_')

/** An event as we write it, and the factor from the profile's values to its ticks as a fraction `times / per`. */
export interface WrittenEvent {
  readonly event: string
  readonly times: number
  readonly per: number
}

/**
 * The event that says this value type. Costs are integers, so a value type that has fractions is written in the smallest
 * unit of its dimension: seconds as nanoseconds, kilobytes as bytes.
 */
export const formatEvent = (type: ValueType, fractions: boolean): WrittenEvent => {
  const name = word(type.name) || 'value'
  const unit = unitOf(type.unit) === undefined ? type.unit : canonicalUnit(type.unit)
  if (unit === '' || unit === 'count') return { event: spelled(name, 'count'), times: 1, per: 1 }
  const own = parseEvent(name)
  // A name that brings its tick with it (Time_(10ns)) keeps it, whatever the unit of the values is by now.
  if (own.ticks > 1 && own.name === name) {
    const times = scaleBetween(unit, own.unit)
    if (times !== undefined) return { event: name, times, per: own.ticks }
  }
  const dimension = unitOf(unit)?.dimension
  const fine = !fractions ? unit : dimension === 'time' ? 'nanoseconds' : dimension === 'memory' ? 'bytes' : unit
  return { event: spelled(name, fine), times: scaleBetween(unit, fine) ?? 1, per: 1 }
}

/** The shortest spelling of name and unit that reads back as both. */
const spelled = (name: string, unit: string): string => {
  const own = parseEvent(name)
  if (own.name === name && own.unit === unit && own.ticks === 1) return name
  return `${name}(${SHORT.get(unit) ?? word(unit).replace(/[()]/g, '_')})`
}
