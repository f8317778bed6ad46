/**
 * Worker threads that do a list of tasks together with the thread that asks for the results, which come in the order of
 * the tasks whoever did them: so nothing that is made of them depends on the number of threads.
 *
 * Tasks are not dealt out, they are claimed (claims.ts). Whoever is ahead of the slowest by more than a window waits: memory does not grow
 * with the number of tasks. What a worker could not do (it died, or its result cannot be sent) is done by the main thread.
 *
 * Where the results of tasks in a row can be one (`Bounds.shares`), a thread claims a long share at once, shorter and shorter
 * ones towards the end, so that all end at one time. It gives back what it does not do: where the result gets too large to go
 * on, and where results turn out not to become one; then everybody takes single tasks.
 */
import { MessageChannel, type MessagePort, parentPort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads'
import { type Bounds, Claims, type Done, KEPT, MAIN, OWNERS, TAKEN } from './claims.js'
import { onStopElsewhere, tellUnfinished } from './write-file.js'

interface Start {
  readonly shared: Int32Array
  readonly bounds: Bounds
  readonly owner: number
  readonly tasks: unknown
}

/** What came of tasks: an error waits for its turn too. */
type Outcome<R> = Done<R> | { readonly error: unknown }

const settled = <R>(promise: Promise<Done<R>>): Promise<Outcome<R>> => promise.catch((error) => ({ error }))

export interface Parts<R> extends Bounds {
  ahead(first: number, end: number): Promise<Done<R>>
  inTurn(task: number): Promise<void>
  take(result: R, task: number): Promise<void>
  kept(task: number): boolean
}

interface Posted<R> {
  readonly first: number
  readonly tasks: number
  /** Absent: the main thread shall do them. */
  readonly result?: R
  readonly single: boolean
}

interface Member {
  readonly worker: Worker
  /** Files that it is writing. */
  readonly unfinished: MessagePort
  alive: boolean
}

export class Crew<R> {
  private readonly members: Member[] = []
  private readonly outcomes = new Map<number, Outcome<R>>()
  /** Tasks that a worker gave back. */
  private readonly returned = new Set<number>()
  private claims: Claims | undefined
  /** What this thread has claimed to do in turn and has not done yet. */
  private own = { first: 0, end: 0 }
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
   * @param ahead does some in this thread before their turn, @param inTurn one in its turn, and takes what came of it.
   * @param kept can a worker not do this one?
   */
  async run(count: number, tasks: unknown, { ahead, inTurn, take, kept, ...bounds }: Parts<R>): Promise<void> {
    const shared = new Int32Array(new SharedArrayBuffer((OWNERS + count) * 4))
    for (let task = 0; task < count; task++) if (kept(task)) shared[OWNERS + task] = KEPT
    const claims = (this.claims = new Claims(shared, bounds, MAIN))
    // The first are ours: a worker that is quick to start would have us wait for them.
    this.own = claims.take(1)
    this.members.forEach(({ worker }, i) => {
      const start: Start = { shared, bounds, owner: MAIN + 1 + i, tasks }
      worker.postMessage(start)
    })
    for (let next = 0; next < count; ) {
      // Messages come between turns of the event loop, and reading small files is none.
      await new Promise((resolve) => setImmediate(resolve))
      const owner = Atomics.load(shared, OWNERS + next)
      const outcome = this.outcomes.get(next)
      let done = 1
      if (outcome !== undefined) {
        this.outcomes.delete(next)
        if ('error' in outcome) throw outcome.error
        done = outcome.tasks
        await take(outcome.result, next)
      } else if (owner === MAIN || owner === KEPT || this.returned.has(next) || (owner > MAIN && !this.members[owner - MAIN - 1].alive)) {
        await inTurn(next)
      } else {
        const { first, end } = claims.take()
        if (first < 0) await this.news()
        else if (first === next) this.own = { first, end }
        else {
          const outcome = await settled(ahead(first, end))
          this.outcomes.set(first, outcome)
          if ('error' in outcome) continue
          claims.did(outcome, first, end)
          if (outcome.single) this.singly()
        }
        continue
      }
      next += done
      this.own.first = Math.max(this.own.first, next)
      Atomics.store(shared, TAKEN, next)
      Atomics.notify(shared, TAKEN)
    }
  }

  /** Results do not become one: nobody keeps more than one task for later. */
  private singly(): void {
    const { first, end } = this.own
    this.claims!.singly(first + 1, end)
    this.own = { first, end: Math.min(first + 1, end) }
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
    member.worker.on('message', ({ first, tasks, result, single }: Posted<R>) => {
      if (result !== undefined) this.outcomes.set(first, { result, tasks, single })
      else for (let task = first; task < first + tasks; task++) this.returned.add(task)
      if (single) this.singly()
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
 * gives what does some of them; what it returns as `transfer` changes hands.
 */
export const serve = <D, T, R>(
  prepare: (data: D, tasks: T) => Promise<(first: number, end: number) => Promise<Done<R> & { transfer: Set<ArrayBuffer> }>>,
): void => {
  const { data, unfinished } = workerData as { data: D; unfinished: MessagePort }
  const port = parentPort!
  tellUnfinished((path, there) => unfinished.postMessage([path, there]))
  port.once('message', async ({ shared, bounds, owner, tasks: all }: Start) => {
    const work = await prepare(data, all as T)
    const claims = new Claims(shared, bounds, owner)
    const post = (message: Posted<R>, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
    for (;;) {
      const taken = Atomics.load(shared, TAKEN)
      const { first, end } = claims.take()
      if (first >= 0) {
        let said = { tasks: end - first, single: false }
        try {
          const { result, transfer, ...done } = await work(first, end)
          said = done
          claims.did(done, first, end)
          post({ ...done, first, result }, [...transfer])
        } catch {
          // A bug, or something that cannot be sent: the main thread tries, and it fails where everybody sees it.
          post({ ...said, first })
        }
      } else if (claims.endsWithin(taken)) break
      else Atomics.wait(shared, TAKEN, taken)
    }
    port.close()
  })
}
