/**
 * Part h: `heatmaps` is [{name, heatmap: {line: seconds}, executionCount: {line: times}, …}, …], one for each file. The time of a
 * line lasts until the next line of the program begins, in whatever function: it is the line's own, what builtins took
 * included, and what lines elsewhere took not.
 *
 * Nothing says which function a line belongs to. The file stands for it, or the function that was asked for (its `name` is
 * then "function f @ file").
 */

import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import { baseName } from '../shared/base-name.js'
import { lineNumberOf } from '../shared/line-number.js'
import type { Part } from './read.js'
import { wrong } from './values.js'

const LINE = /^\d{1,10}$/
const FUNCTION = /^function (.+) @ (.+)$/s

export class Heatmap implements Part {
  readonly name = 'code heatmap'
  private readonly builder = new ProfileBuilder([
    { name: 'hits', unit: 'count' },
    { name: 'line time', unit: 'seconds' },
  ])
  private file: string | undefined
  private lines = new Map<number, [hits: number, seconds: number]>()
  private measured = false

  keys(): Record<string, Shape> {
    const numbers = (set: (cell: [number, number], v: number) => void): Shape => {
      let line = -1
      const one = json.value((v, at) => {
        if (typeof v !== 'number') throw wrong(`the value of line ${line}`, v, 'a number', at)
        let cell = this.lines.get(line)
        if (cell === undefined) this.lines.set(line, (cell = [0, 0]))
        set(cell, v)
      })
      const rest = (key: string): Shape => {
        if (!LINE.test(key)) throw wrong('a line of a heatmap', key, 'the number of a line')
        line = Number(key)
        return one
      }
      return json.object({}, { rest })
    }
    const file = json.object(
      {
        name: json.value((v, at) => {
          if (typeof v !== 'string') throw wrong('the name of a heatmap', v, 'a file', at)
          this.file = v
        }),
        heatmap: numbers((cell, v) => (cell[1] += v)),
        executionCount: numbers((cell, v) => (cell[0] += v)),
      },
      {
        start: () => {
          this.file = undefined
          this.lines = new Map()
        },
        end: () => this.flush(),
      },
    )
    return { heatmaps: json.array(file) }
  }

  private flush(): void {
    const { builder, file, lines } = this
    if (lines.size === 0) return
    if (file === undefined) throw wrong('the name of a heatmap', undefined, 'a file')
    const asked = FUNCTION.exec(file)
    const path = asked?.[2] ?? file
    const name = asked?.[1] ?? baseName(path)
    const fn = builder.func(builder.str(name), builder.str(path))
    for (const [line, [hits, seconds]] of lines) {
      const row = builder.cost(builder.frame(fn, lineNumberOf(line)))
      builder.costValue(row, 0, hits)
      builder.costValue(row, 1, seconds)
    }
    this.measured = true
  }

  finish(): ProfileBuilder | null {
    if (!this.measured) return null
    this.builder.meta = { defaultValueType: 'line time' }
    return this.builder
  }
}
