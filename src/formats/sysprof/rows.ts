/** What a file says, as numbers and names: all that a profile is made of. */
import { NumberColumn } from '../shared/number-column.js'

export interface Rows {
  /** Numbers of objects, and their names as they stand. */
  readonly objects: number[]
  readonly names: string[]
  /** Of each node: its number, that of its object, of the node that calls it (0 = none), and its samples. */
  readonly nodes: NumberColumn
  readonly objectOf: NumberColumn
  readonly parents: NumberColumn
  readonly selfs: NumberColumn
}

export const newRows = (): Rows => ({
  objects: [],
  names: [],
  nodes: new NumberColumn(),
  objectOf: new NumberColumn(),
  parents: new NumberColumn(),
  selfs: new NumberColumn(),
})
