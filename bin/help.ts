/** `--help`, written from the table of options. It needs neither yargs nor a format, and so it comes at once. */

import { EXIT_CODES } from './exit-codes.js'
import type { CommandName, Flag, Group } from './options.js'
import { flagsOf } from './options.js'

const USAGE: Readonly<Record<CommandName, readonly [line: string, what: string]>> = {
  convert: ['profconv FILE… -f FORMAT [-o FILE | -o DIR/]', 'converts profiles'],
  merge: ['profconv merge FILE… [-f FORMAT] [-o FILE]', 'makes one profile of many, of any formats'],
  diff: ['profconv diff OLD NEW [-f FORMAT] [-o FILE]', 'says what changed between two profiles'],
  stats: ['profconv stats FILE… [--sort KEY] [--limit N]', 'prints tables of functions, as pstats does'],
  info: ['profconv info FILE…', 'says what is in a profile'],
  formats: ['profconv formats [FORMAT]', 'lists them, or what one keeps, with its options'],
  completion: ['profconv completion [bash|zsh|fish]', 'prints a script for your shell'],
}

const EXAMPLES: Readonly<Record<CommandName, readonly (readonly [command: string, what: string])[]>> = {
  convert: [
    ['profconv -i app.cpuprofile -f callgrind -o callgrind.out.app', 'Node or Chrome to KCachegrind'],
    ['profconv app.pstats -o app.speedscope.json', 'cProfile to a flame graph in speedscope'],
    ['profconv merge worker-*.pb.gz -o all.pb.gz', 'all workers as one pprof profile'],
    ['curl -s localhost:6060/debug/pprof/heap | profconv - -f collapsed --value inuse_space', 'from a pipe to stacks as text'],
    ['profconv app.cpuprofile -o app.svg --style pprof', 'the graph that go tool pprof -svg would draw of it'],
    ['profconv *.cpuprofile -f dot --strip-dirs --focus render -o graphs/', 'each file, a part of it, as a graph'],
  ],
  merge: [
    ['profconv merge *.pstats -f pstats -o all.pstats', 'as pstats.Stats(…) would'],
    ['profconv merge api.pb.gz web.cpuprofile jobs.pstats > all.json', 'any mix, as a dump'],
    ['profconv merge --value cpu *.pb.gz -f speedscope -o cpu.speedscope.json', 'only one value type'],
  ],
  diff: [
    ['profconv diff before.pb.gz after.pb.gz --limit 20', 'a table: what changed most comes first'],
    ['profconv diff old-*.pstats -- new-*.pstats --sort cumulative', 'each side added up; so does --base FILE for each old one'],
    ['profconv diff before.pb.gz after.pb.gz -o delta.pb.gz', 'new minus old, as go tool pprof -base'],
    ['profconv diff before.pickle after.pickle --per line', "two snapshots of tracemalloc, as compare_to(before, 'lineno')"],
    ['profconv diff before.pb.gz after.pb.gz -o both.flamegraph.svg', 'a differential flame graph; -o both.svg: both in one call graph'],
  ],
  stats: [
    ['profconv stats worker-*.pstats --strip-dirs --sort cumulative --limit 20', "as pstats' print_stats(20)"],
    ['profconv stats app.pstats --sort time --callers json', 'who calls functions with json in their names'],
    ['profconv stats cpu.pb.gz --per line --sort time --limit 0.1', 'a tenth of the lines of a Go profile'],
    ['profconv stats app.cpuprofile --format csv > app.csv', ''],
  ],
  info: [
    ['profconv info app.cpuprofile', ''],
    ['profconv info --json *.pb.gz | jq .profiles[0].top', ''],
  ],
  formats: [
    ['profconv formats', ''],
    ['profconv formats callgrind', ''],
  ],
  completion: [
    ['profconv completion bash >> ~/.bashrc', ''],
    ['profconv completion zsh > ~/.zfunc/_profconv', 'a directory of $fpath'],
  ],
}

const INTRODUCTION: Readonly<Record<CommandName, string>> = {
  convert: 'profconv reads what any profiler wrote and writes what any viewer reads. Formats are found by content.',
  merge: 'Adds up profiles. The inputs may be of different formats; the result is a dump unless -f or the name of -o says more.',
  diff: 'Prints what each function cost in the old profile and in the new one, or writes the difference, new minus old, as a profile. The two may be of different formats.',
  stats:
    "Prints what print_stats, print_callers and print_callees of Python's pstats print, to the byte on their dumps, and the same of any format. Several files are added up.",
  info: 'Format, producer, value types and totals, threads, time, counts, and the five functions with the highest self value.',
  formats: 'All formats as a table; with a FORMAT, what survives in it, feature by feature, and its own options.',
  completion: 'Prints a completion script; without a name for the shell in $SHELL.',
}

const GROUPS: readonly Group[] = ['Input', 'Output', 'Change', 'Losses and messages', 'Other']

/** The help of a command. @param width of the terminal. */
export const helpText = (command: CommandName, width = 100): string => {
  const usage = command === 'convert' ? Object.values(USAGE) : [USAGE[command]]
  const blocks = [INTRODUCTION[command], `Usage:\n${columns(usage, width)}`, `Examples:\n${examples(EXAMPLES[command])}`]
  for (const group of GROUPS) {
    const rows = flagsOf(command)
      .filter(([, f]) => f.group === group)
      .map(([name, f]) => [flagText(name, f), f.describe] as const)
    if (rows.length > 0) blocks.push(`${group}:\n${columns(rows, width)}`)
  }
  if (command === 'convert' || command === 'merge' || command === 'diff') {
    blocks.push('Formats have options of their own, reading and writing: profconv formats FORMAT shows them.')
    const codes = Object.values(EXIT_CODES).map(([code, meaning]) => [String(code).padStart(2), meaning] as const)
    blocks.push(`Exit codes:\n${columns(codes, width)}`)
  } else blocks.push('profconv --help has the rest.')
  return `${blocks.join('\n\n')}\n`
}

const flagText = (name: string, flag: Flag): string => {
  const names = [...(flag.alias ?? []).map((a) => (a.length === 1 ? `-${a}` : `--${a}`)), `--${name}`]
  return `${names.join(', ')}${flag.arg === undefined ? '' : ` ${flag.arg}`}`
}

const examples = (list: readonly (readonly [string, string])[]): string =>
  list.map(([command, what]) => `  ${command}${what === '' ? '' : `\n      ${what}`}`).join('\n')

/** Two columns; the second is broken into lines. */
const columns = (rows: readonly (readonly [string, string])[], width: number): string => {
  const left = Math.min(Math.max(...rows.map(([a]) => a.length)), 46)
  const room = Math.max(width - left - 4, 30)
  return rows
    .map(([a, b]) => {
      const [first, ...rest] = wrapped(b, room)
      const pad = ' '.repeat(left + 4)
      const head = a.length > left ? `  ${a}\n${pad}${first}` : `  ${a.padEnd(left)}  ${first}`
      return [head, ...rest.map((l) => pad + l)].join('\n')
    })
    .join('\n')
}

const wrapped = (text: string, width: number): string[] => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
