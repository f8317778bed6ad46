/**
 * Runs the commands in these documents and compares what they say. In a fenced block a line that begins with `$ ` is a
 * command for the shell; what follows is what it prints: plain lines on stdout, `2> ` lines on stderr, `=> 3` the exit
 * code where it is not 0. `…` stands for any text in a line, and alone on a line for any number of lines. All commands of a document run in one copy of
 * test/fixtures, in their order. PROFCONV_BLESS=1 writes down what is printed now; read the difference before you commit.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtCommand, ROOT } from '../cli/build.js'

const HERE = join(ROOT, 'test/commands')
const BLESS = process.env['PROFCONV_BLESS'] === '1'

interface Step {
  readonly command: string
  readonly expected: readonly string[]
  /** Lines of the document that hold the expectation: [from, to). */
  readonly at: readonly [number, number]
}

const stepsOf = (lines: readonly string[]): Step[] => {
  const steps: Step[] = []
  let fenced = false
  for (let i = 0; i < lines.length; i++) {
    if (lines[i].startsWith('```')) fenced = !fenced
    else if (fenced && lines[i].startsWith('$ ')) {
      const from = i + 1
      let to = from
      while (to < lines.length && !lines[to].startsWith('$ ') && !lines[to].startsWith('```')) to++
      steps.push({ command: lines[i].slice(2), expected: lines.slice(from, to), at: [from, to] })
    }
  }
  return steps
}

const linesOf = (text: string, prefix: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n')).map((l) => prefix + l)

/** Does a line fit, where `…` stands for any text? */
const lineFits = (expected: string, actual: string): boolean => {
  if (!expected.includes('…')) return expected === actual
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(actual)
}

/** Does the actual text fit, where a line `…` (or `2> …`) stands for any lines? */
const fits = (expected: readonly string[], actual: readonly string[]): boolean => {
  const at = expected.findIndex((l) => l === '…' || l === '2> …')
  if (at < 0) return expected.length === actual.length && expected.every((l, i) => lineFits(l, actual[i]))
  const rest = expected.slice(at + 1)
  if (actual.length < at || !expected.slice(0, at).every((l, i) => lineFits(l, actual[i]))) return false
  for (let i = at; i <= actual.length; i++) if (fits(rest, actual.slice(i))) return true
  return false
}

for (const document of readdirSync(HERE).filter((f) => f.endsWith('.md') && f !== 'README.md')) {
  describe(document, () => {
    const lines = readFileSync(join(HERE, document), 'utf8').split('\n')
    const steps = stepsOf(lines)
    const blessed = new Map<Step, string[]>()
    let place = ''
    let path = ''
    beforeAll(() => {
      path = builtCommand()
      place = mkdtempSync(join(tmpdir(), 'profconv-commands-'))
      cpSync(join(ROOT, 'test/fixtures'), place, { recursive: true })
    })
    afterAll(() => {
      rmSync(place, { recursive: true, force: true })
      if (!BLESS) return
      for (const step of steps.toReversed()) lines.splice(step.at[0], step.at[1] - step.at[0], ...(blessed.get(step) ?? step.expected))
      writeFileSync(join(HERE, document), lines.join('\n'))
    })
    for (const step of steps) {
      test(step.command, () => {
        const { SHELL: _, PROFCONV_DEBUG: __, ...env } = process.env
        const run = spawnSync('bash', ['-c', step.command], {
          cwd: place,
          encoding: 'utf8',
          env: { ...env, PATH: `${path}:${process.env['PATH']}`, LC_ALL: 'C.UTF-8', COLUMNS: '100' },
          timeout: 60_000,
        })
        const actual = [...linesOf(run.stdout, ''), ...linesOf(run.stderr, '2> '), ...(run.status === 0 ? [] : [`=> ${run.status}`])]
        if (fits(step.expected, actual)) return
        if (BLESS) blessed.set(step, actual)
        else expect(actual.join('\n')).toBe(step.expected.join('\n'))
      })
    }
  })
}
