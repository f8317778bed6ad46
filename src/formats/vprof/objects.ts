/** Part m, beside the events: `objectsCount` is [[type, number], …], how many more objects of a type there are than before. */
import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Part } from './read.js'
import { wrong } from './values.js'

export class Objects implements Part {
  readonly name = 'new objects by type'
  private readonly builder = new ProfileBuilder([{ name: 'objects', unit: 'count' }])

  keys(): Record<string, Shape> {
    return {
      objectsCount: json.each((v, _, at) => {
        const [type, n] = Array.isArray(v) ? v : []
        if (typeof type !== 'string' || typeof n !== 'number') throw wrong('a count of objects', v, '[type, number]', at)
        const { builder } = this
        builder.value(builder.sample(builder.stack(-1, builder.frame(builder.func(builder.str(type))))), 0, n)
      }),
    }
  }

  finish(): ProfileBuilder | null {
    return this.builder.hasSamples ? this.builder : null
  }
}
