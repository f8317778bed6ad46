/**
 * Worker threads that do a list of tasks together with the thread that asks for the results, which come in the order of
 * the tasks whoever did them: so nothing that is made of them depends on the number of threads.
 *
 * Tasks are not dealt out, they are claimed: a word of shared memory for each says who has it, so nobody waits for a
 * message to know what to do next. Whoever is ahead of the slowest by more than a window waits: memory does not grow
 * with the number of tasks. What a worker could not do (it died, or its result cannot be sent) is done by the main thread.
 */
import { MessageChannel, type MessagePort, parentPort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads'
import { onStopElsewhere, tellUnfinished } from './write-file.js'

/** Words of the shared memory: how many results were taken, then the owner of each task. */
const TAKEN = 0
const OWNERS = 1
const FREE = 0
/** Owners are 1 (the main thread), 2 and more (workers), or this: only the main thread can do it, and only in its turn. */
const KEPT = -1
const MAIN = 1

interface Start {
  readonly shared: Int32Array
  readonly window: number
  readonly owner: number
  readonly tasks: unknown
}

/** What came of a task: an error waits for its turn too. */
type Outcome<R> = { readonly result: R } | { readonly error: unknown }

const settled = <R>(promise: Promise<R>): Promise<Outcome<R>> =>
  promise.then(
    (result) => ({ result }),
    (error) => ({ error }),
  )

export interface Parts<R> {
  readonly window: number
  ahead(task: number): Promise<R>
  inTurn(task: number): Promise<void>
  take(result: R, task: number): Promise<void>
  kept(task: number): boolean
}

interface Posted<R> {
  readonly task: number
  /** Absent: the main thread shall do it. */
  readonly result?: R
}

interface Member {
  readonly worker: Worker
  /** Files that it is writing. */
  readonly unfinished: MessagePort
  alive: boolean
}

/** Takes the first task that nobody has, within the window; -1 if there is none now. */
const claim = (shared: Int32Array, window: number, owner: number): number => {
  const taken = Atomics.load(shared, TAKEN)
  const end = Math.min(taken + window, shared.length - OWNERS)
  for (let task = taken; task < end; task++) {
    if (Atomics.compareExchange(shared, OWNERS + task, FREE, owner) === FREE) return task
  }
  return -1
}

export class Crew<R> {
  private readonly members: Member[] = []
  private readonly outcomes = new Map<number, Outcome<R>>()
  /** Tasks that a worker gave back. */
  private readonly returned = new Set<number>()
  private wake: () => void = () => {}
  private readonly forget: () => void

  /**
   * Starts the workers; they get ready while the caller goes on. @param entry the module that calls `serve`.
   * @param data for it, structured-cloned.
   */
  constructor(entry: URL, workers: number, data: unknown) {
    this.forget = onStopElsewhere(() => this.stop())
    for (let i = 0; i < workers; i++) this.start(entry, data)
  }

  /**
   * Does `count` tasks and gives the results to `take` in order. @param tasks what the workers need to know of them.
   * @param ahead does one in this thread before its turn, @param inTurn in its turn and takes what came of it.
   * @param kept can a worker not do this one? @param window how far anybody may be ahead.
   */
  async run(count: number, tasks: unknown, { ahead, inTurn, take, window, kept }: Parts<R>): Promise<void> {
    const shared = new Int32Array(new SharedArrayBuffer((OWNERS + count) * 4))
    for (let task = 0; task < count; task++) if (kept(task)) shared[OWNERS + task] = KEPT
    this.members.forEach(({ worker }, i) => {
      const start: Start = { shared, window, owner: MAIN + 1 + i, tasks }
      worker.postMessage(start)
    })
    for (let next = 0; next < count; ) {
      // Messages come between turns of the event loop, and reading small files is none.
      await new Promise((resolve) => setImmediate(resolve))
      const owner = Atomics.load(shared, OWNERS + next)
      const outcome = this.outcomes.get(next)
      if (outcome !== undefined) {
        this.outcomes.delete(next)
        if ('error' in outcome) throw outcome.error
        await take(outcome.result, next)
      } else if (owner === KEPT || this.returned.has(next) || (owner > MAIN && !this.members[owner - MAIN - 1].alive)) await inTurn(next)
      else {
        const task = claim(shared, window, MAIN)
        if (task === next) await inTurn(next)
        else {
          if (task < 0) await this.news()
          else this.outcomes.set(task, await settled(ahead(task)))
          continue
        }
      }
      next++
      Atomics.store(shared, TAKEN, next)
      Atomics.notify(shared, TAKEN)
    }
  }

  /** Ends the workers, whatever they are doing. */
  close(): void {
    this.forget()
    for (const { worker } of this.members) void worker.terminate()
  }

  /** When a worker says something, or ends. */
  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }

  private start(entry: URL, data: unknown): void {
    const { port1, port2 } = new MessageChannel()
    const options = { workerData: { data, unfinished: port2 }, transferList: [port2], stdout: true, stderr: true }
    const member: Member = { worker: new Worker(entry, options), unfinished: port1, alive: true }
    this.members.push(member)
    const gone = (): void => {
      member.alive = false
      this.wake()
    }
    member.worker.on('message', ({ task, result }: Posted<R>) => {
      if (result === undefined) this.returned.add(task)
      else this.outcomes.set(task, { result })
      this.wake()
    })
    member.worker.on('messageerror', () => void member.worker.terminate())
    member.worker.on('error', gone)
    member.worker.on('exit', gone)
  }

  /** We are being killed, and workers hear no signals. @returns the files that are unfinished for good. */
  private stop(): string[] {
    for (const { worker } of this.members) void worker.terminate()
    // A file that is being opened in this moment shall be there when it is removed.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    const paths = new Set<string>()
    for (const { unfinished } of this.members) {
      for (let m = receiveMessageOnPort(unfinished); m !== undefined; m = receiveMessageOnPort(unfinished)) {
        const [path, there] = m.message as [string, boolean]
        if (there) paths.add(path)
        else paths.delete(path)
      }
    }
    return [...paths]
  }
}

/**
 * The other end: to be called by the entry module of a worker. @param prepare is told the crew's `data` and the tasks, and
 * gives what does one of them; what it returns as `transfer` changes hands.
 */
export const serve = <D, T, R>(
  prepare: (data: D, tasks: T) => Promise<(task: number) => Promise<{ result: R; transfer: Set<ArrayBuffer> }>>,
): void => {
  const { data, unfinished } = workerData as { data: D; unfinished: MessagePort }
  const port = parentPort!
  tellUnfinished((path, there) => unfinished.postMessage([path, there]))
  port.once('message', async ({ shared, window, owner, tasks }: Start) => {
    const work = await prepare(data, tasks as T)
    for (;;) {
      const taken = Atomics.load(shared, TAKEN)
      const task = claim(shared, window, owner)
      if (task >= 0) {
        try {
          const { result, transfer } = await work(task)
          port.postMessage({ task, result } satisfies Posted<R>, [...transfer])
        } catch {
          // A bug, or something that cannot be sent: the main thread tries, and it fails where everybody sees it.
          port.postMessage({ task } satisfies Posted<R>)
        }
      } else if (taken + window >= shared.length - OWNERS) break
      else Atomics.wait(shared, TAKEN, taken)
    }
    port.close()
  })
}
