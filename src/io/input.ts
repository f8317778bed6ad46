/**
 * An input of a reader. `chunks` and `bytes` give the unpacked content; call one of them, once. A chunk belongs to the
 * reader from then on: a source does not use its memory again, unless the reader gives it back with `release`.
 */
export interface Input {
  /** For messages only. */
  readonly name: string
  /** Bytes of the content, if they are known beforehand: to make room once. */
  readonly size?: number
  chunks(): AsyncIterable<Uint8Array>
  /** The whole content. @throws ProfconvError 'limit' if it is more than one buffer can hold. */
  bytes(): Promise<Uint8Array>
  /** Says that nobody will look at this chunk again. Fresh memory for each chunk costs more than reading it from a file. */
  release?(chunk: Uint8Array): void
}
