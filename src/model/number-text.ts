/**
 * Numbers as C and Python print them. JavaScript's toFixed and toExponential round exact ties up, C rounds them to even;
 * both are right about everything else, so a tie is all there is to put right.
 */

/** Does `v` lie exactly between two decimals of `digits` places? Only odd multiples of a power of two can. */
const isTie = (v: number, digits: number): boolean => {
  if (digits >= 0) {
    const t = Math.abs(v * 2 ** (digits + 1))
    return t < 2 ** 53 && t % 2 === 1
  }
  if (!Number.isInteger(v)) return false
  const step = 10n ** BigInt(-digits)
  const doubled = BigInt(v) * 2n
  return doubled % step === 0n && (doubled / step) % 2n !== 0n
}

/** After a tie was rounded away from zero: an odd last digit means that the even one is one less. */
const toEven = (digits: string): string => {
  const last = digits.length - 1
  const d = Number(digits[last])
  return d % 2 === 0 ? digits : digits.slice(0, last) + String(d - 1)
}

const special = (v: number): string | null => (Number.isNaN(v) ? 'nan' : Number.isFinite(v) ? null : v > 0 ? 'inf' : '-inf')

/** `%.<digits>f` */
export const fixed = (v: number, digits: number): string => {
  const s = special(v)
  if (s !== null) return s
  if (Object.is(v, -0)) return `-${(0).toFixed(digits)}`
  if (Math.abs(v) >= 1e21) return digits === 0 ? BigInt(v).toString() : `${BigInt(v)}.${'0'.repeat(digits)}`
  const text = v.toFixed(digits)
  return isTie(v, digits) ? toEven(text) : text
}

/** Digits and exponent of `v` to `digits` significant digits: v ≈ d.ddd × 10^exponent. */
const scientific = (v: number, digits: number): { sign: string; digits: string; exponent: number } => {
  const [mantissa, exponent] = Math.abs(v)
    .toExponential(digits - 1)
    .split('e')
  const e = Number(exponent)
  const all = mantissa.replace('.', '')
  const sign = v < 0 || Object.is(v, -0) ? '-' : ''
  // If rounding went up to the next power of ten the digits are 1000…, and no tie is left to mend but that one.
  return { sign, digits: isTie(v, digits - 1 - e) ? toEven(all) : all, exponent: e }
}

const exponentText = (e: number): string => `e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`

/** `%.<digits>e` */
export const exponential = (v: number, digits: number): string => {
  const s = special(v)
  if (s !== null) return s
  const n = scientific(v, digits + 1)
  return `${n.sign}${n.digits[0]}${digits > 0 ? `.${n.digits.slice(1)}` : ''}${exponentText(n.exponent)}`
}

/** `%.<precision>g` */
export const general = (v: number, precision: number): string => {
  const s = special(v)
  if (s !== null) return s
  const p = Math.max(precision, 1)
  const { sign, digits, exponent } = scientific(v, p)
  const trimmed = digits.replace(/0+$/, '') || '0'
  if (v !== 0 && (exponent < -4 || exponent >= p))
    return `${sign}${trimmed[0]}${trimmed.length > 1 ? `.${trimmed.slice(1)}` : ''}${exponentText(exponent)}`
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${trimmed}`
  const whole = digits.slice(0, exponent + 1)
  const part = digits.slice(exponent + 1).replace(/0+$/, '')
  return `${sign}${whole}${part === '' ? '' : `.${part}`}`
}

/** A printf format of one number, with text around it; null if it is none. */
export const numberFormat = (format: string): ((v: number) => string) | null => {
  const m = /^((?:[^%]|%%)*)%(?:\.(\d{1,2}))?([feg])((?:[^%]|%%)*)$/.exec(format)
  if (m === null) return null
  const [before, after] = [m[1], m[4]].map((t) => t.replaceAll('%%', '%'))
  const precision = m[2] === undefined ? 6 : Number(m[2])
  const print = m[3] === 'f' ? fixed : m[3] === 'e' ? exponential : general
  return (v) => before + print(v, precision) + after
}
