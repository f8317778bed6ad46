/** A progress bar on stderr: only on a terminal, and only for work that takes more than a second. */
import type { Source } from '../src/node.js'
import type { Host } from './host.js'
import type { Reporter } from './report.js'

const PATIENCE = 1000
const EVERY = 100
const WIDTH = 24

export class Progress {
  private readonly start = Date.now()
  private drawn = 0
  private visible = false
  private done = 0
  private name = ''
  private bytes = 0

  /** @param total inputs. @param size bytes of all of them, if known. */
  constructor(
    private readonly host: Pick<Host, 'stderr' | 'expect'>,
    private readonly reporter: Reporter,
    private readonly total: number,
    private readonly size: number | undefined,
  ) {
    reporter.beforeLine = () => this.clear()
    host.expect?.(size, total)
  }

  /** The source, watched: the bar follows the bytes that are taken from it. */
  watch(source: Source): Source {
    if (!this.reporter.mayAnimate) return source
    const progress = this
    return {
      ...source,
      async *stream() {
        progress.name = source.name
        for await (const chunk of source.stream()) {
          progress.bytes += chunk.length
          progress.tick()
          yield chunk
        }
      },
    }
  }

  /** Another thread has read this one. */
  took(source: Source): void {
    this.name = source.name
    this.bytes += source.size ?? 0
    this.tick()
  }

  /** One input more is done. */
  next(): void {
    this.done++
    this.tick()
  }

  finish(): void {
    this.clear()
    this.reporter.beforeLine = () => {}
  }

  private tick(): void {
    const now = Date.now()
    if (!this.reporter.mayAnimate || now - this.start < PATIENCE || now - this.drawn < EVERY) return
    this.drawn = now
    this.visible = true
    this.host.stderr.write(`\r\u001b[K${this.text()}`)
  }

  private text(): string {
    const { bytes } = this
    const share = this.size ? Math.min(bytes / this.size, 1) : undefined
    const bar = share === undefined ? '' : `${'#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.')} ${Math.floor(share * 100)}% `
    const files = this.total > 1 ? `${Math.min(this.done + 1, this.total)}/${this.total} ` : ''
    const room = Math.max((this.host.stderr.columns ?? 80) - bar.length - files.length - 12, 10)
    return `${bar}${files}${(bytes / 1e6).toFixed(1)} MB ${this.name.slice(-room)}`
  }

  private clear(): void {
    if (!this.visible) return
    this.visible = false
    this.host.stderr.write('\r\u001b[K')
  }
}
