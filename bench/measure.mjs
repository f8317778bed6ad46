// Whole processes, from outside: CPU seconds and peak memory as the operating system accounts them, in pairs A B A B …,
// because these ratios hold when the machine's speed drifts and single times do not.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { inFolder } from './files.mjs'

const WRAPPER = `
import os, resource, subprocess, sys, time
out = open(os.devnull, 'wb')
# python3 may be a script that started others before it became Python: what they took is not of the command.
before = resource.getrusage(resource.RUSAGE_CHILDREN)
start = time.monotonic()
code = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
wall = time.monotonic() - start
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, u.ru_utime + u.ru_stime - before.ru_utime - before.ru_stime, wall, u.ru_maxrss)
`

/**
 * Takes away what the run before wrote. Replacing a file waits for the disk, on ext4 until all of the new one is written,
 * and that would be measured for whoever writes beside the old file and renames, as we do, and not for who writes over it.
 */
const removeOutputs = (argv) => {
  for (const path of argv.map((a) => a.replace(/^-output=/, ''))) if (path.startsWith(inFolder('out-'))) rmSync(path, { force: true })
}

/** Runs a command once. @returns CPU seconds, wall seconds, peak MiB; throws if it fails. */
export const runOnce = (argv, pin) => {
  removeOutputs(argv)
  const command = pin ? ['taskset', '-c', '0', ...argv] : argv
  const r = spawnSync('python3', ['-c', WRAPPER, ...command], { encoding: 'utf8' })
  if (r.status !== 0) throw new Error(`cannot measure ${argv[0]}: ${r.stderr || r.error}`)
  const [code, cpu, wall, rss] = r.stdout.trim().split(' ').map(Number)
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with exit code ${code}`)
  return { cpu, wall, memory: rss / 1024 }
}

export const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted.length % 2 ? sorted[sorted.length >> 1] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2
}

/** A against B in turn. Ratios are peer / ours per pair: above 1 we are ahead. Without a peer: `ours` alone. */
export const pairs = (ours, peer, { runs = 5, pin = true } = {}) => {
  runOnce(ours, pin)
  if (peer) runOnce(peer, pin)
  const a = []
  const b = []
  for (let i = 0; i < runs; i++) {
    a.push(runOnce(ours, pin))
    if (peer) b.push(runOnce(peer, pin))
  }
  const ratio = (key) => median(a.map((x, i) => b[i][key] / x[key]))
  const middles = (list) => ({
    cpu: median(list.map((x) => x.cpu)),
    wall: median(list.map((x) => x.wall)),
    memory: median(list.map((x) => x.memory)),
  })
  return {
    ours: middles(a),
    peer: peer && middles(b),
    ratio: peer && { cpu: ratio('cpu'), wall: ratio('wall'), memory: ratio('memory') },
  }
}
