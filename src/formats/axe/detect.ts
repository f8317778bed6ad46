/** Is this VTune's gprof-cc report? Its title says so. */
import type { Head } from '../format.js'
import { TITLE } from './titles.js'

export const detect = (head: Head): number => {
  const text = head.text()
  if (!text.includes(':Children')) return 0
  return text.split('\n', 50).some((line) => line.length < 2000 && TITLE.test(line)) ? 95 : 0
}
