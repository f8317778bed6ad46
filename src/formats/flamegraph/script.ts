/**
 * The program inside the picture, as text: it runs in the browser that shows the file, where nothing of profconv is. Names
 * reach it only as text of the document, and it puts them back only as text. No network, no storage, no timers.
 *
 * Every box is a <g> with its <title> (name, then numbers, a line each), its <rect> and perhaps a <text>, and says where it
 * begins and how wide it is in units of the value: data-x, data-w. Boxes stand in the order of the tree, so that what stands
 * on a box follows it, up to the next box that is not deeper (data-d).
 */
export const SCRIPT = String.raw`(() => {
const svg = document.currentScript.closest('svg')
const SVG = 'http://www.w3.org/2000/svg', PAD = +svg.dataset.pad, CHAR = 7.1
const find = (name) => svg.querySelector('.' + name)
const list = find('frames'), details = find('details'), matched = find('matched'), reset = find('reset'), button = find('search')
const inner = svg.viewBox.baseVal.width - 2 * PAD, inverted = svg.dataset.inverted === '1'
const frames = Array.from(list.children, (g) => ({
  g, rect: g.querySelector('rect'), text: g.querySelector('text'), title: g.firstElementChild,
  x: +g.dataset.x, w: +g.dataset.w, depth: +g.dataset.d, parent: -1, end: 0, shown: true,
}))
const path = []
frames.forEach((f, i) => {
  while (path.length > f.depth) frames[path.pop()].end = i
  f.parent = f.depth > 0 ? path[f.depth - 1] : -1
  path.push(i)
  f.g.setAttribute('role', 'treeitem')
  f.g.setAttribute('aria-level', f.depth + 1)
})
for (const i of path) frames[i].end = frames.length
let view = 0, current = 0, box = null, pattern = ''

const lines = (f) => f.title.textContent.split('\n')
const fitted = (name, width) => {
  let room = Math.floor((width - 6) / CHAR), out = ''
  if (room < 3) return ''
  const chars = Array.from(name)
  for (let k = 0; k < chars.length; k++) {
    room -= chars[k].codePointAt(0) > 0x2e7f ? 2 : 1
    if (room < 0) return chars.slice(0, Math.max(1, k - 2)).join('') + '..'
  }
  return name
}

/* Draws a box from x to x + w, in units of the value as wide as the view. */
const place = (f, x, w, total) => {
  const left = PAD + x / total * inner, width = w / total * inner
  f.rect.setAttribute('x', left.toFixed(3))
  f.rect.setAttribute('width', width.toFixed(3))
  const label = width > 27 ? fitted(lines(f)[0], width) : ''
  if (!f.text) {
    if (!label) return
    f.text = f.g.appendChild(document.createElementNS(SVG, 'text'))
    f.text.setAttribute('y', +f.rect.getAttribute('y') + 11.5)
  }
  f.text.setAttribute('x', (left + 3).toFixed(3))
  f.text.textContent = label
}
const show = (f, yes) => {
  if (f.shown !== yes) f.g.classList.toggle('gone', !yes)
  f.shown = yes
}
const zoom = (i) => {
  const at = frames[i]
  view = i
  const above = new Set()
  for (let p = at.parent; p >= 0; p = frames[p].parent) above.add(p)
  frames.forEach((f, n) => {
    const inside = n >= i && n < at.end
    show(f, inside || above.has(n))
    f.g.classList.toggle('above', above.has(n))
    if (inside) place(f, f.x - at.x, f.w, at.w)
    else if (above.has(n)) place(f, 0, at.w, at.w)
  })
  reset.classList.toggle('gone', i === 0)
  focusOn(i, { preventScroll: true })
}
const focusOn = (i, options) => {
  frames[current].g.setAttribute('tabindex', -1)
  current = i
  frames[i].g.setAttribute('tabindex', 0)
  frames[i].g.focus(options)
}

/* Counts what matches, each part once: what stands on a match is in it already. */
const search = (text) => {
  pattern = text
  let test = null
  if (text) {
    const flags = text === text.toLowerCase() ? 'i' : ''
    try { test = new RegExp(text, flags) } catch (e) { test = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), flags) }
  }
  let sum = 0, count = 0, until = 0
  frames.forEach((f, i) => {
    const hit = test !== null && test.test(lines(f)[0])
    f.g.classList.toggle('found', hit)
    if (!hit) return
    count++
    if (i >= until) { sum += f.w; until = f.end }
  })
  matched.textContent = test ? 'Matched: ' + (100 * sum / frames[0].w).toFixed(2) + '% (' + count + (count === 1 ? ' frame)' : ' frames)') : ''
  button.textContent = test ? 'Clear search' : 'Search'
}
const closeBox = () => {
  if (!box) return
  const old = box
  box = null
  old.remove()
  frames[current].g.focus()
}
const openBox = () => {
  if (box) return box.firstChild.focus()
  box = document.createElementNS(SVG, 'foreignObject')
  const at = { x: PAD + inner - 260, y: 28, width: 260, height: 28 }
  for (const k in at) box.setAttribute(k, at[k])
  const input = document.createElementNS('http://www.w3.org/1999/xhtml', 'input')
  input.className = 'box'
  input.value = pattern
  input.placeholder = 'name or regular expression'
  input.setAttribute('aria-label', 'Search for functions by name or regular expression')
  input.addEventListener('input', () => search(input.value))
  input.addEventListener('keydown', (e) => {
    e.stopPropagation()
    if (e.key === 'Enter') closeBox()
    else if (e.key === 'Escape') { search(''); closeBox() }
  })
  box.appendChild(input)
  svg.appendChild(box)
  input.focus()
}

const tell = (f) => { const [name, numbers] = lines(f); details.textContent = name + ' (' + numbers + ')' }
const indexes = new Map(frames.map((f, i) => [f.g, i]))
const indexOf = (node) => {
  const i = indexes.get(node.closest('.frames > g'))
  return i === undefined ? -1 : i
}
/* The next box that is shown, by steps of 1 or -1, of the same level. */
const beside = (i, step) => {
  for (let n = i + step; n >= 0 && n < frames.length; n += step) if (frames[n].shown && frames[n].depth === frames[i].depth) return n
  return i
}
const child = (i) => {
  let best = i
  for (let n = i + 1; n < frames[i].end; n = frames[n].end) if (frames[n].shown && (best === i || frames[n].w > frames[best].w)) best = n
  return best
}
const moves = {
  ArrowLeft: (i) => beside(i, -1),
  ArrowRight: (i) => beside(i, 1),
  ArrowUp: (i) => inverted ? Math.max(0, frames[i].parent) : child(i),
  ArrowDown: (i) => inverted ? child(i) : Math.max(0, frames[i].parent),
  Home: () => view,
}
const toggleSearch = () => { if (pattern) { search(''); closeBox() } else openBox() }
const press = (element, action) => {
  element.addEventListener('click', action)
  element.addEventListener('keydown', (e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); e.stopPropagation(); action() } })
}
press(reset, () => zoom(0))
press(button, toggleSearch)
list.addEventListener('click', (e) => { const i = indexOf(e.target); if (i >= 0) zoom(i) })
list.addEventListener('mouseover', (e) => { const i = indexOf(e.target); if (i >= 0) tell(frames[i]) })
/* An element that listens for the focus could be reached with Tab: the document cannot. */
document.addEventListener('focusin', (e) => { const i = indexOf(e.target); if (i >= 0) tell(frames[i]) })
list.addEventListener('mouseout', () => { details.textContent = '' })
list.addEventListener('keydown', (e) => {
  const i = indexOf(e.target)
  if (i < 0 || e.ctrlKey || e.metaKey || e.altKey) return
  if (e.key === 'Enter' || e.key === ' ') zoom(i)
  else if (Object.hasOwn(moves, e.key)) focusOn(moves[e.key](i))
  else return
  e.preventDefault()
})
;(svg === document.documentElement ? document : svg).addEventListener('keydown', (e) => {
  if (((e.ctrlKey || e.metaKey) && e.key === 'f') || e.key === 'F3' || (e.key === '/' && !e.ctrlKey)) { e.preventDefault(); openBox() }
  else if (e.key === 'Escape') { if (view !== 0) zoom(0); else if (pattern) search('') }
})
frames[0].g.setAttribute('tabindex', 0)
svg.classList.add('live')
})()`
