import type { Head } from '../format.js'

/** Keys that nodes of such trees have, by whoever writes them. */
const KEYS = new Set(['name', 'value', 'size', 'samples', 'count', 'children', 'delta', 'color', 'id', 'depth'])

/** Is this a JSON object with a name, and children or a value, and nothing that other formats have? */
export const detect = (head: Head): number => {
  const keys = head.topLevelKeys()
  if (keys === null || !keys.includes('name') || !keys.every((k) => KEYS.has(k))) return 0
  if (keys.includes('children')) return 60
  // The head may end inside of a large child list, or the tree be one node; `{"name": …}` alone could be anything.
  return keys.includes('value') || keys.includes('samples') ? 30 : 0
}
