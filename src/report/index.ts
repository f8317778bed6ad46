/** Reports: a call graph as the table that pstats prints of it, and as CSV, JSON or Markdown. Pure functions, profile → chunks of text. */

export { alignedLines } from './diff-lines.js'
export { type DiffPrintOptions, diffCsv, diffJson, diffMarkdown, diffText } from './diff-print.js'
export { type Change, type DiffRow, type DiffSelection, type DiffTable, percentOf, tableDifference } from './diff-table.js'
export { type Limit, limitOf, REPORT_SORT_KEYS, reportSortKeys, type Selection } from './order.js'
export { printReport, type ReportKind, type TextOptions } from './print.js'
export { pythonRegex } from './python-regex.js'
export { addTable, type StatsTable, stripTable, tableOf } from './table.js'
export { csvReport, jsonReport, markdownReport, type TabularOptions } from './tabular.js'
