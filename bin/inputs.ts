/** The inputs of a command line as sources. */
import { existsSync } from 'node:fs'
import { expandGlobs, fileSource, type ProfconvError, type Source, stdinSource } from '../src/node.js'
import { type Args, listOf, usage, wordsOf } from './arguments.js'
import type { Host } from './host.js'
import { nearest } from './suggest.js'

const COMMANDS = ['merge', 'diff', 'stats', 'info', 'formats', 'completion', 'convert', 'help']

/** Names of the inputs, from -i and from what stands alone. @throws ProfconvError 'usage' if there are none. */
export const inputsOf = (args: Args, host: Host, command: string): string[] => {
  const named = [...listOf(args, 'input'), ...wordsOf(args)]
  const inputs = host.platform === 'win32' ? expandGlobs(named) : named
  if (inputs.length === 0) {
    throw usage('no-input', `nothing to ${command}`, { expected: 'one or more profiles, or - for standard input', hint: 'profconv --help' })
  }
  if (inputs.includes('')) throw usage('empty-name', 'the name of an input is empty')
  if (inputs.filter((i) => i === '-').length > 1) throw usage('stdin-twice', 'standard input can be read only once')
  return inputs
}

export const sourceOf = (name: string, host: Host): Source => (name === '-' ? stdinSource(host.stdin) : fileSource(name))

/** Did somebody mistype a command? Then it was taken for the name of a file. */
export const meantCommand = (inputs: readonly string[]): ProfconvError | undefined => {
  const [first] = inputs
  if (first === undefined || /[./\\*]/.test(first) || existsSync(first)) return undefined
  const command = nearest(first, COMMANDS)
  if (command === undefined) return undefined
  return usage('unknown-command', `there is no command ${JSON.stringify(first)}, and no file of that name`, { hint: `profconv ${command}` })
}
