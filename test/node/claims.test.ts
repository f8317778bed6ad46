/** Who does what: whatever threads claim and give back, every task is done once. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bounds, Claims, KEPT, MAIN, OWNERS, TAKEN } from '../../src/node/claims.js'

const BOUNDS: Bounds = { threads: 2, window: 3, shares: true }
const memory = (tasks: number): Int32Array => new Int32Array(OWNERS + tasks)

describe('shares', () => {
  it('are the half for the main thread, then shorter and shorter ones', () => {
    const shared = memory(100)
    expect(new Claims(shared, BOUNDS, MAIN).take(1)).toEqual({ first: 0, end: 50 })
    const worker = new Claims(shared, BOUNDS, 2)
    expect([1, 2, 3, 4].map(() => worker.take())).toEqual([
      { first: 50, end: 85 },
      { first: 85, end: 95 },
      { first: 95, end: 98 },
      { first: 98, end: 99 },
    ])
    expect(worker.endsWithin(0)).toBe(true)
  })

  it('do not go over what somebody else has', () => {
    const shared = memory(20)
    shared[OWNERS + 4] = KEPT
    expect(new Claims(shared, BOUNDS, MAIN).take(1)).toEqual({ first: 0, end: 4 })
    expect(new Claims(shared, BOUNDS, 2).take(1)).toEqual({ first: 5, end: 12 })
  })
})

describe('giving back', () => {
  it('after a large result: others may have the rest, its owner no more before that is taken', () => {
    const shared = memory(20)
    const [main, worker] = [new Claims(shared, BOUNDS, MAIN), new Claims(shared, BOUNDS, 2)]
    main.take(1)
    worker.take()
    worker.did({ tasks: 3, single: false }, 10, 17)
    expect([...shared.subarray(OWNERS + 10)]).toEqual([2, 2, 2, 0, 0, 0, 0, 0, 0, 0])
    expect(worker.take()).toEqual({ first: -1, end: -1 })
    expect(worker.endsWithin(0)).toBe(false)
    Atomics.store(shared, TAKEN, 11)
    expect(worker.take(1)).toEqual({ first: 13, end: 16 })
    expect(main.take(1)).toEqual({ first: 16, end: 18 })
  })

  it('what is to be taken next may be done by who waits, too', () => {
    const shared = memory(20)
    const main = new Claims(shared, BOUNDS, MAIN)
    expect([main.take(1), main.take(1)]).toEqual([
      { first: 0, end: 10 },
      { first: 10, end: 15 },
    ])
    main.did({ tasks: 2, single: false }, 10, 15)
    main.singly(4, 4)
    Atomics.store(shared, OWNERS + 7, 0)
    expect(main.take()).toEqual({ first: -1, end: -1 })
    Atomics.store(shared, TAKEN, 7)
    expect(main.take()).toEqual({ first: 7, end: 8 })
  })

  it('where results do not become one: then one at a time, within the window', () => {
    const shared = memory(20)
    const worker = new Claims(shared, BOUNDS, 2)
    worker.take()
    worker.did({ tasks: 1, single: true }, 0, 14)
    expect([1, 2, 3].map(() => worker.take())).toEqual([
      { first: 1, end: 2 },
      { first: 2, end: 3 },
      { first: -1, end: -1 },
    ])
    expect(worker.endsWithin(0)).toBe(false)
    expect(worker.endsWithin(17)).toBe(true)
  })
})

it('every task is done once, whatever is given back', () => {
  const step = fc.record({ who: fc.nat(2), of: fc.double({ min: 0, max: 1, noNaN: true }), single: fc.boolean() })
  const anything = fc.record({ tasks: fc.integer({ min: 1, max: 60 }), shares: fc.boolean(), steps: fc.array(step, { maxLength: 60 }) })
  fc.assert(
    fc.property(anything, ({ tasks, shares, steps }) => {
      const shared = memory(tasks)
      const all = [MAIN, 2, 3].map((owner) => new Claims(shared, { threads: 3, window: 4, shares }, owner))
      const done = new Set<number>()
      const taken = (): void => {
        let next = 0
        while (done.has(next)) next++
        shared[TAKEN] = next
      }
      const turn = (who: number, of: number, single: boolean): void => {
        const { first, end } = all[who].take()
        if (first < 0) return
        const some = Math.max(1, Math.floor((end - first) * of))
        for (let t = first; t < first + some; t++) {
          expect(done.has(t)).toBe(false)
          done.add(t)
        }
        all[who].did({ tasks: some, single: single && some < end - first }, first, end)
        taken()
      }
      for (const { who, of, single } of steps) turn(who, of, single)
      // Whoever is left, the main thread gets everything done.
      for (let i = 0; i < tasks && done.size < tasks; i++) turn(0, 1, false)
      expect(done.size).toBe(tasks)
    }),
  )
})
