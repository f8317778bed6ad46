/**
 * Profiles and errors between threads. A profile is columns already: large ones change hands without being copied, small
 * ones are cheaper to copy than to hand over, and nothing is an object per row.
 */
import { type ErrorDetails, type ErrorKind, ProfconvError } from '../io/diagnostics.js'
import type { Profile } from '../model/profile.js'
import { type AnyTable, TABLES } from '../model/schema.js'
import { StringTable } from '../model/strings.js'
import { tableOf } from '../model/validate.js'

/** A profile as a message: what structured cloning keeps, so not the class of its strings. */
export type ShippedProfile = Omit<Profile, 'strings'> & { readonly strings: { readonly blob: Uint8Array; readonly offsets: Int32Array } }

/** Memory from this size on is handed over. What a program keeps for all its profiles (an empty column) is smaller. */
const HAND_OVER = 1 << 16

/** @param transfer gets the memory that leaves this thread; the profile must not be used afterwards. */
export const shipProfile = (profile: Profile, transfer: Set<ArrayBuffer>): ShippedProfile => {
  const add = (column: unknown): void => {
    if (Array.isArray(column)) column.forEach(add)
    else if (ArrayBuffer.isView(column) && column.buffer.byteLength >= HAND_OVER) transfer.add(column.buffer as ArrayBuffer)
  }
  for (const name of TABLES) {
    const table: AnyTable | null = tableOf(profile, name)
    if (table !== null) Object.values(table).forEach(add)
  }
  const { blob, offsets } = profile.strings
  add(blob)
  add(offsets)
  return { ...profile, strings: { blob, offsets } }
}

export const unshipProfile = ({ strings, ...rest }: ShippedProfile): Profile => ({
  ...rest,
  strings: new StringTable(strings.blob, strings.offsets),
})

/** An error of ours as a message. */
export interface ShippedError {
  readonly kind: ErrorKind
  readonly code: string
  readonly message: string
  readonly details: Omit<ErrorDetails, 'cause'>
  readonly input: string | undefined
  readonly stack: string | undefined
}

export const shipError = ({ kind, code, message, details: { cause: _, ...details }, input, stack }: ProfconvError): ShippedError => ({
  kind,
  code,
  message,
  details,
  input,
  stack,
})

export const unshipError = ({ kind, code, message, details, input, stack }: ShippedError): ProfconvError => {
  const error = new ProfconvError(kind, code, message, details)
  error.input = input
  error.stack = stack
  return error
}
