/** Headless Chromium for tests of what runs in a browser. Without it such tests are skipped, loudly. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { Proof, version } from '../../oracle/support.js'

/** Debian's, or another one of PROFCONV_CHROMIUM. */
const EXECUTABLE = process.env.PROFCONV_CHROMIUM ?? '/usr/bin/chromium'
export const hasChromium = existsSync(EXECUTABLE)

/** Nothing may leave the machine, and no service of the browser may start. */
const ARGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

export interface Opened {
  readonly page: Page
  /** Addresses that the page asked for, its own left out. */
  readonly requests: readonly string[]
  /** Errors of scripts, and dialogs: an alert says that a name ran. */
  readonly errors: readonly string[]
  /** From going there to the end of its script, in milliseconds. */
  readonly took: number
}

/** One browser for a test file. `open` shows text as a file of its own. */
export const withChromium = (what: string): { open(text: string, name?: string): Promise<Opened> } => {
  const proof = new Proof(`8 ${what}: tests`, (hasChromium && version(EXECUTABLE, '--version')) || 'Chromium')
  if (!hasChromium) proof.skip(`no Chromium at ${EXECUTABLE} (apt-get install chromium, or set PROFCONV_CHROMIUM)`)
  let opened = false
  // A test counts that has opened a page and has passed.
  afterEach(({ task }) => {
    if (opened && (task.result?.errors ?? []).length === 0) proof.count()
    opened = false
  })
  const folder = mkdtempSync(join(tmpdir(), 'profconv-browser-'))
  let browser: Browser | undefined
  beforeAll(async () => {
    if (hasChromium) browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS.split(' ') })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    open: async (text, name = 'picture.svg') => {
      opened = true
      const path = join(folder, name)
      writeFileSync(path, text)
      const page = await browser!.newPage({ viewport: { width: 1220, height: 700 } })
      const requests: string[] = []
      const errors: string[] = []
      const address = pathToFileURL(path).href
      page.on('request', (r) => {
        if (r.url() !== address) requests.push(r.url())
      })
      page.on('pageerror', (e) => errors.push(String(e)))
      page.on('dialog', (d) => {
        errors.push(`dialog: ${d.message()}`)
        void d.dismiss()
      })
      const start = performance.now()
      await page.goto(address)
      return { page, requests, errors, took: performance.now() - start }
    },
  }
}
