/** The formats that come with profconv: one import and one line each. Descriptors only; readers and writers load when used. */
import { austin } from './austin/index.js'
import { axe } from './axe/index.js'
import { callgrind } from './callgrind/index.js'
import { collapsed } from './collapsed/index.js'
import { cpuprofile } from './cpuprofile/index.js'
import { d3 } from './d3/index.js'
import { dot } from './dot/index.js'
import { dtrace } from './dtrace/index.js'
import { dump } from './dump/index.js'
import { flamegraph } from './flamegraph/index.js'
import type { Format } from './format.js'
import { gprof } from './gprof/index.js'
import { gprof2dotJson } from './gprof2dot-json/index.js'
import { hprof } from './hprof/index.js'
import { ironpython } from './ironpython/index.js'
import { lineProfiler } from './line-profiler/index.js'
import { meliae } from './meliae/index.js'
import { memray } from './memray/index.js'
import { nps } from './nps/index.js'
import { perf } from './perf/index.js'
import { pprof } from './pprof/index.js'
import { pstats } from './pstats/index.js'
import { pstatsText } from './pstats-text/index.js'
import { pyinstrument } from './pyinstrument/index.js'
import { samplingProfiler } from './sampling-profiler/index.js'
import { scalene } from './scalene/index.js'
import { sleepy } from './sleepy/index.js'
import { speedscope } from './speedscope/index.js'
import { statprof } from './statprof/index.js'
import { svg } from './svg/index.js'
import { sysprof } from './sysprof/index.js'
import { tracemalloc } from './tracemalloc/index.js'
import { vprof } from './vprof/index.js'
import { xperf } from './xperf/index.js'
import { yappi } from './yappi/index.js'

export const BUILTIN_FORMATS: readonly Format[] = [
  cpuprofile,
  pprof,
  callgrind,
  pstats,
  collapsed,
  speedscope,
  d3,
  lineProfiler,
  tracemalloc,
  yappi,
  pyinstrument,
  austin,
  vprof,
  scalene,
  memray,
  meliae,
  statprof,
  samplingProfiler,
  ironpython,
  hprof,
  dtrace,
  gprof2dotJson,
  sysprof,
  xperf,
  sleepy,
  nps,
  pstatsText,
  perf,
  gprof,
  axe,
  dump,
  dot,
  svg,
  flamegraph,
]
