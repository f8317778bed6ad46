/** A line as the model keeps it: 1-based, -1 for 0 (Python's "none") and for what can be no line at all. */
export const lineNumberOf = (line: number): number => (Number.isInteger(line) && line > 0 && line <= 0x7fffffff ? line : -1)
