/** `profconv completion`: scripts that ask us for the words, and the words. By the table of options, so that Tab needs no yargs. */
import { SORT_KEYS } from '../../src/index.js'
import { usage } from '../arguments.js'
import { formatsInUse, usedModules } from '../formats-in-use.js'
import { COMMANDS, commandOf, type Flag, flagsOf, formatFlags } from '../options.js'

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# profconv completion for bash: profconv completion bash >> ~/.bashrc
_profconv_completion() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(profconv --profconv-complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _profconv_completion profconv
`,
  zsh: `#compdef profconv
# profconv completion for zsh: profconv completion zsh >> ~/.zshrc, or into a file _profconv of $fpath
_profconv() {
  local -a offers
  offers=("\${(@f)$(profconv --profconv-complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  offers=(\${offers:#})
  (( \${#offers} )) && compadd -a offers || _files
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _profconv "$@"
else
  compdef _profconv profconv
fi
`,
  fish: `# profconv completion for fish: profconv completion fish > ~/.config/fish/completions/profconv.fish
complete -c profconv -a '(profconv --profconv-complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
}

/** The script for a shell. @param login value of $SHELL, for when none is named. */
export const script = (shell: string | undefined, login: string | undefined): string => {
  const name = shell ?? login?.replace(/^.*\//, '') ?? 'bash'
  if (Object.hasOwn(SCRIPTS, name)) return SCRIPTS[name]
  const expected = `one of ${Object.keys(SCRIPTS).join(', ')}`
  throw usage('shell', `there is no completion for the shell ${JSON.stringify(name)}`, { expected, hint: 'profconv completion bash' })
}

/** What may stand where the cursor is, one word a line. @param words of the line after `profconv`, up to the cursor's. */
export const complete = async (words: readonly string[]): Promise<string> => {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const formats = await formatsInUse(usedModules(before)).catch(() => [])
  const { name, found } = commandOf(before)
  const flags = new Map<string, Pick<Flag, 'type' | 'alias' | 'choices' | 'offers' | 'also'>>(flagsOf(name))
  if (name !== 'formats' && name !== 'completion')
    for (const f of formatFlags(formats, name === 'diff')) if (!flags.has(f.name)) flags.set(f.name, f.spec)
  // `--log=j` comes as three words in bash.
  const [a, b] = [before.at(-2), before.at(-1)]
  const option = typed === '=' ? b : b === '=' ? a : b
  const flag = [...flags].find(([n, f]) => option === `--${n}` || f.alias?.some((x) => option === (x.length > 1 ? `--${x}` : `-${x}`)))?.[1]
  const lines = (list: readonly string[]): string => list.map((w) => `${w}\n`).join('')
  if (flag !== undefined && flag.type !== 'boolean') {
    if (flag.offers === 'sort') return lines(SORT_KEYS)
    if (flag.offers !== undefined) {
      const fits = formats.filter((f) => f[flag.offers === 'readers' ? 'reader' : 'writer']).map((f) => f.id)
      return lines([...fits, ...(flag.also ?? [])])
    }
    return lines(flag.choices ?? [])
  }
  if (typed.startsWith('-')) {
    const names = [...flags].flatMap(([n, f]) => [n, ...(f.alias ?? [])])
    return lines(names.filter((n) => n.length > 1).map((n) => `--${n}`))
  }
  if (name === 'formats') return lines(formats.map((f) => f.id))
  if (name === 'completion') return lines(Object.keys(SCRIPTS))
  const plain = before.filter((w) => !w.startsWith('-'))
  return found || plain.length > 0 ? '' : lines(COMMANDS.filter((c) => c !== 'convert'))
}
