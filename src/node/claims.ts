/** Who does which task, in shared memory, so that nobody waits for a message to know what to do next. */

/** Words of the shared memory: how many results were taken, then the owner of each task. */
export const TAKEN = 0
export const OWNERS = 1
const FREE = 0
/** Owners are 1 (the main thread), 2 and more (workers), or this: only the main thread can do it, and only in its turn. */
export const KEPT = -1
export const MAIN = 1

/** How much anybody may take. */
export interface Bounds {
  readonly threads: number
  /** How far a single task may be ahead of what was taken. */
  readonly window: number
  /** May many be claimed at once, however far ahead? */
  readonly shares: boolean
}

/** What was done of the tasks that were claimed: the first so many; all the others are given back. */
export interface Done<R> {
  readonly result: R
  readonly tasks: number
  /** Shall tasks be done one at a time from now on, because their results do not become one? */
  readonly single: boolean
}

/**
 * What a worker claims of its fair share of all that is left, for two threads the larger part of what the main thread has
 * not claimed for itself: when that has done its own, it has the first sums to add up while others go on.
 */
const ROUND = 1.4

/** One thread's hold on the tasks. */
export class Claims {
  private shares: boolean
  /** A task whose result must have been taken before more can be claimed: it is large. */
  private waitsFor = -1

  constructor(
    private readonly shared: Int32Array,
    private readonly bounds: Bounds,
    private readonly owner: number,
  ) {
    this.shares = bounds.shares
  }

  private get window(): number {
    return this.shares ? Infinity : this.bounds.window
  }

  /** Will all that there is be claimable without anything more being taken? */
  endsWithin(taken: number): boolean {
    return taken > this.waitsFor && taken + this.window >= this.shared.length - OWNERS
  }

  /** Takes the first tasks that nobody has: from `first` to before `end`, both -1 if there are none now. */
  take(round = ROUND): { first: number; end: number } {
    const { shared, bounds, owner } = this
    const count = shared.length - OWNERS
    const taken = Atomics.load(shared, TAKEN)
    // What is to be taken next may be done in any case: nobody else might be there to do it.
    const waits = taken <= this.waitsFor
    const stop = Math.min(taken + (waits ? 1 : this.window), count)
    for (let first = taken; first < stop; first++) {
      if (Atomics.compareExchange(shared, OWNERS + first, FREE, owner) !== FREE) continue
      const most = this.shares && !waits ? Math.floor(((count - first) / bounds.threads) * round) : 1
      let end = first + 1
      while (end < Math.min(first + most, count) && Atomics.compareExchange(shared, OWNERS + end, FREE, owner) === FREE) end++
      return { first, end }
    }
    return { first: -1, end: -1 }
  }

  /** Says what was done of what was claimed, `first` to before `end`: everybody may have the rest. */
  did({ tasks, single }: Omit<Done<unknown>, 'result'>, first: number, end: number): void {
    if (single) this.shares = false
    else if (first + tasks < end) this.waitsFor = first
    this.free(first + tasks, end)
  }

  /** Others found that results do not become one; what this thread has not begun, `first` to before `end`, everybody may have. */
  singly(first: number, end: number): void {
    this.shares = false
    this.free(first, end)
  }

  private free(first: number, end: number): void {
    for (let task = first; task < end; task++) Atomics.store(this.shared, OWNERS + task, FREE)
    if (first < end) Atomics.notify(this.shared, TAKEN)
  }
}
