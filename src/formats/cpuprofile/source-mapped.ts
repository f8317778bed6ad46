/**
 * VS Code's debugger adds `$vscode` to a profile: for every call frame the places it has in the original sources. They
 * are taken instead of the generated ones, since that is what VS Code itself shows. Lines are 0-based as in V8.
 */
import type { ProfileBuilder } from '../../model/builder.js'
import type { NodeTable } from './nodes.js'

interface Place {
  readonly path: string
  readonly line: number
  readonly column: number
}

export class SourceMapped {
  private constructor(private readonly places: readonly (Place | null)[]) {}

  /** What is usable in the value of `$vscode`; null if nothing is. It is an addition: odd ones are ignored, not refused. */
  static from(value: unknown): SourceMapped | null {
    const { rootPath, locations } = (value ?? {}) as Record<string, unknown>
    if (!Array.isArray(locations)) return null
    return new SourceMapped(locations.map((l) => bestPlace(l, typeof rootPath === 'string' ? rootPath : '')))
  }

  /** From a node's call frame and location id to the call frame at the original place. */
  mapper(builder: ProfileBuilder, nodes: NodeTable): (callFrame: number, location: number) => number {
    return (callFrame, location) => {
      const place = this.places[location] ?? null
      // What has no line has no source either: (program), native functions.
      if (place === null || nodes.callFrames.rows[callFrame * 4 + 2] < 0) return callFrame
      const name = nodes.callFrames.rows[callFrame * 4]
      return nodes.callFrame(name, builder.str(place.path), place.line, place.column)
    }
  }
}

/** The first place inside the opened folder, else the first. */
const bestPlace = (value: unknown, rootPath: string): Place | null => {
  const list = (value as { locations?: unknown } | null)?.locations
  if (!Array.isArray(list)) return null
  const places = list.map(placeOf).filter((p) => p !== null)
  return places.find((p) => rootPath !== '' && p.path.startsWith(rootPath)) ?? places[0] ?? null
}

const placeOf = (value: unknown): Place | null => {
  const { lineNumber, columnNumber, source } = (value ?? {}) as Record<string, unknown>
  const path = (source as { path?: unknown } | null | undefined)?.path
  if (typeof path !== 'string' || path === '') return null
  return { path, line: oneBased(lineNumber), column: oneBased(columnNumber) }
}

const oneBased = (n: unknown): number => (Number.isInteger(n) && (n as number) >= 0 && (n as number) < 0x7ffffffe ? (n as number) + 1 : -1)
