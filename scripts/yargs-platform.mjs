// What yargs wants of its platform, for the bundle: its own version (yargs/lib/platform-shims/esm.mjs) loads and sets up
// packages that lay out help in columns, measure the width of emoji and read translations, which takes longer than all of
// our own code, and a standard output that may never be written to. Our help and our messages are our own.
import Parser from 'yargs-parser/browser'

const unused = (what) => () => {
  throw new Error(`yargs asked for ${what}, which the bundle leaves out`)
}

/** %s by %s; what is left over stays out, as with y18n. */
const filled = (text, ...values) => text.replace(/%s/g, () => values.shift() ?? '')

export default {
  assert: { notStrictEqual: () => {}, strictEqual: () => {} },
  cliui: unused('a layout'),
  findUp: () => undefined,
  getCallerFile: unused('its caller'),
  getEnv: (key) => process.env[key],
  getProcessArgvBin: () => process.argv[1],
  inspect: String,
  mainFilename: '',
  Parser,
  path: {
    basename: String,
    dirname: String,
    extname: () => '',
    join: (...parts) => parts.join('/'),
    relative: (_, to) => to,
    resolve: String,
  },
  process: {
    argv: () => process.argv,
    cwd: () => process.cwd(),
    emitWarning: (warning, type) => process.emitWarning(warning, type),
    execPath: () => process.execPath,
    exit: (code) => process.exit(code),
    nextTick: process.nextTick,
    stdColumns: 80,
  },
  readFileSync: unused('a file'),
  readdirSync: unused('a directory'),
  require: unused('a module'),
  stringWidth: (text) => text.length,
  y18n: {
    __: filled,
    __n: (one, more, count, ...values) => filled(count === 1 ? one : more, ...values),
    getLocale: () => 'en',
    setLocale: () => {},
    updateLocale: () => {},
  },
}
