/** What a profile keeps of a callgrind file beside the model, as long as nobody changes it. */
export interface CallgrindExtras {
  /** `event:` lines, for the writer. */
  readonly definitions?: readonly string[]
  /**
   * What gprof2dot takes for the objects of functions, for drawings that follow it: it lets `cob=` hold for later calls, until a line
   * of self costs. First frame of the function → row of the object's name; -1 for `???`, -2 for none.
   */
  readonly carriedObjects?: ReadonlyMap<number, number>
}
