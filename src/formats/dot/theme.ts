/** Colours, fonts and pens from weights, as gprof2dot's five themes have them. */

type Hsl = readonly [number, number, number]

interface ThemeData {
  /** Colours of weight 0 and 1: hue, saturation, lightness, 0 to 1. */
  readonly from: Hsl
  readonly to: Hsl
  readonly gamma: number
  readonly fontSize: readonly [number, number]
  readonly pen: readonly [number, number]
  /** Filled boxes have white text; outlined ones black. */
  readonly filled: boolean
}

const THEMES: Readonly<Record<string, ThemeData>> = {
  color: { from: [2 / 3, 0.8, 0.25], to: [0, 1, 0.5], gamma: 1, fontSize: [10, 10], pen: [0.5, 4], filled: true },
  pink: { from: [0, 1, 0.9], to: [0, 1, 0.5], gamma: 2.2, fontSize: [10, 10], pen: [0.5, 4], filled: true },
  gray: { from: [0, 0, 0.85], to: [0, 0, 0], gamma: 2.2, fontSize: [10, 10], pen: [0.5, 4], filled: true },
  bw: { from: [0, 0, 0], to: [0, 0, 0], gamma: 2.2, fontSize: [8, 24], pen: [0.1, 8], filled: true },
  print: { from: [0, 0, 0], to: [0, 0, 0], gamma: 2.2, fontSize: [18, 30], pen: [0.1, 8], filled: false },
}

export const THEME_NAMES = Object.keys(THEMES)

export class Theme {
  private readonly data: ThemeData

  /** @param skew below 1 makes small weights more colourful, above 1 less. */
  constructor(
    name: string,
    private readonly skew: number,
  ) {
    this.data = THEMES[name]
  }

  get nodeStyle(): string {
    return this.data.filled ? 'filled' : 'solid'
  }

  get nodeFontColor(): string {
    return this.data.filled ? 'white' : 'black'
  }

  /** Text on a node: the colour of the paper where it is filled. */
  get nodeText(): string {
    return this.data.filled ? '#ffffff' : '#000000'
  }

  color(weight: number): string {
    const w = Math.min(Math.max(weight, 0), 1)
    const { from, to, gamma } = this.data
    const at = (i: number): number =>
      this.skew === 1 ? from[i] + w * (to[i] - from[i]) : from[i] + ((to[i] - from[i]) * (-1 + this.skew ** w)) / (this.skew - 1)
    const channels = rgb(at(0), at(1), at(2)).map((c) => Math.trunc(255 * c ** gamma + 0.5))
    return `#${channels.map((c) => c.toString(16).padStart(2, '0')).join('')}`
  }

  fontSize(weight: number): number {
    const [least, most] = this.data.fontSize
    return Math.max(weight ** 2 * most, least)
  }

  penWidth(weight: number): number {
    const [least, most] = this.data.pen
    return Math.max(weight * most, least)
  }

  arrowSize(weight: number): number {
    return 0.5 * Math.sqrt(this.penWidth(weight))
  }
}

/** HSL to RGB as CSS 3 defines it. */
const rgb = (h: number, s: number, l: number): [number, number, number] => {
  const clamp = (v: number): number => Math.min(Math.max(v, 0), 1)
  const m2 = l <= 0.5 ? l * (s + 1) : l + s - l * s
  const m1 = l * 2 - m2
  const channel = (hue: number): number => {
    const t = hue < 0 ? hue + 1 : hue > 1 ? hue - 1 : hue
    if (t * 6 < 1) return m1 + (m2 - m1) * t * 6
    if (t * 2 < 1) return m2
    if (t * 3 < 2) return m1 + (m2 - m1) * (2 / 3 - t) * 6
    return m1
  }
  return [clamp(channel(h + 1 / 3)), clamp(channel(h)), clamp(channel(h - 1 / 3))]
}
