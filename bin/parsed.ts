/** What yargs leaves to us: one value for what can have one, choices, and its complaints in our words. */
import type { ProfconvError } from '../src/index.js'
import { type Args, usage } from './arguments.js'
import type { Flag } from './options.js'
import { nearest } from './suggest.js'

type Flags = ReadonlyMap<string, Pick<Flag, 'type' | 'alias' | 'many' | 'choices'>>

/** @throws ProfconvError 'usage' for an option that was given twice, has an unknown value, or is no number. */
export const checkedArgs = (args: Args, flags: Flags): Args => {
  const out: Record<string, unknown> = { ...args }
  for (const [name, { type, many, choices }] of flags) {
    const value = args[name]
    if (value === undefined) continue
    if (type === 'boolean') out[name] = Array.isArray(value) ? value.at(-1) : value
    else if (Array.isArray(value) && !many) throw usage('twice', `--${name} is given ${value.length} times`, { expected: 'it once' })
    if (type === 'number' && Number.isNaN(value)) throw usage('number', `--${name} needs a number`)
    if (choices !== undefined && !choices.includes(String(value)))
      throw usage('choice', `--${name}: ${JSON.stringify(value)} is no choice`, { expected: `one of ${choices.join(', ')}` })
  }
  return out
}

/** A complaint of yargs as an error of ours, with a suggestion. */
export const usageOf = (message: string, flags: Flags): ProfconvError => {
  const unknown = /^Unknown (?:arguments?|commands?): (.*)$/s.exec(message)
  if (unknown !== null) {
    const [word] = unknown[1].split(', ')
    if (!isOption(word, flags)) {
      const names = [...flags].flatMap(([n, f]) => [n, ...(f.alias ?? [])]).filter((n) => n.length > 1)
      const near = word.length > 1 ? nearest(word.replace(/^no-/, ''), names) : undefined
      const dashes = word.length > 1 ? '--' : '-'
      return usage('unknown-option', `unknown argument ${dashes}${word}`, { hint: near === undefined ? 'profconv --help' : `--${near}` })
    }
  }
  const missing = /^Not enough arguments following: (.*)$/s.exec(message)
  if (missing !== null)
    return usage('no-value', `${missing[1].length > 1 ? '--' : '-'}${missing[1]} needs a value`, { hint: 'profconv --help' })
  return usage('arguments', message.split('\n')[0], { hint: 'profconv --help' })
}

const isOption = (word: string, flags: Flags): boolean => flags.has(word)
