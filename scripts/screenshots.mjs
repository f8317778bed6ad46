// Takes the pictures of the README: runs its commands and photographs what they wrote, with Chromium.
//   node scripts/screenshots.mjs [CHROMIUM]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('..', import.meta.url))

/** As they stand in the README; the picture is named after the output. */
const COMMANDS = [
  '-i examples/invoices.cpuprofile -f flamegraph --title invoices.js -o flamegraph.svg',
  'merge examples/stock-worker-*.pstats -f svg --strip-dirs --root main --node-threshold 2 -o callgraph.svg',
  'diff examples/stock-worker-1.pstats examples/stock-worker-2.pstats -f flamegraph --strip-dirs --width-by both -o difference.svg',
]

const folder = mkdtempSync(join(tmpdir(), 'profconv-screenshots-'))
const args =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update'
const browser = await chromium.launch({ executablePath: process.argv[2] ?? '/usr/bin/chromium', args: args.split(' ') })
for (const command of COMMANDS) {
  const name = command.split(' ').at(-1)
  const output = join(folder, name)
  const words = command.replace(name, output)
  execFileSync('sh', ['-c', `"${process.execPath}" dist/bin/profconv.js ${words} --quiet`], { cwd: root, stdio: 'inherit' })
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
  await page.goto(pathToFileURL(output).href)
  const size = await page.evaluate(() => {
    const { width, height } = document.documentElement.getBoundingClientRect()
    return { width: Math.ceil(width), height: Math.ceil(height) }
  })
  await page.setViewportSize(size)
  await page.screenshot({ path: join(root, 'docs/images', name.replace('.svg', '.png')) })
}
await browser.close()
rmSync(folder, { recursive: true })
