/** Is this a report of gprof? The titles of its tables say so. */
import type { Head } from '../format.js'
import { FLAT_TITLE, GRAPH_TITLE, INDEX_TITLE } from './titles.js'

export const detect = (head: Head): number => {
  const text = head.text()
  if (text.includes('\0')) return 0
  let flat = false
  for (const line of text.split('\n')) {
    if (line.length > 200) continue
    if (GRAPH_TITLE.test(line)) return 95
    if (FLAT_TITLE.test(line)) flat = true
    if (flat && INDEX_TITLE.test(line)) return 95
  }
  if (flat) return 90
  // BSD explains the table at length before it comes.
  return /^\s*(?:call graph profile:|Flat profile:)\s*$/m.test(text) ? 60 : 0
}
