/** What nearly every command needs, loaded at once: the bundle makes one file of it (scripts/bundle.mjs). */
export { ioError } from '../src/node.js'
export { wordsOf } from './arguments.js'
export { convert } from './commands/convert.js'
export { formatsInUse, usedModules } from './formats-in-use.js'
export { checkedArgs, usageOf } from './parsed.js'
export { Reporter } from './report.js'
