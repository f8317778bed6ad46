/** What gprof2dot's parser of each format with stacks makes a function, and what it counts. */
import type { Profile } from '../../model/profile.js'
import { marksOf } from '../shared/frame-marks.js'
import { pythonFrame } from './python-frame.js'

export interface NodeName {
  readonly id: number | string
  readonly name: string
  readonly module: string | null
  /** The line above the module. */
  readonly process?: string
}

export interface Dialect {
  /** The function of a frame. Frames of one id are one node; the first of them names it. */
  readonly nameOf: (profile: Profile, frame: number, process?: string) => NodeName
  /** Functions are those of a process. */
  readonly ofProcesses?: boolean
  /** The value type that samples weigh by where they were taken; as calls do, when absent. */
  readonly ownValue?: string
  /** The value type that samples weigh by; the first, when absent. */
  readonly value?: string
  /** Functions in which no sample was taken are left out, and with them their calls. */
  readonly onlySampled?: boolean
  /** All functions of the file are there, also those on no stack. */
  readonly all?: boolean
  /** What it calls calls are samples. */
  readonly samplesAreCalls?: boolean
  /** Its edges say how many calls there were, though it counted none. */
  readonly zeroCalls?: boolean
}

/** Name of a frame that has no function. */
export const bareName = (profile: Profile, frame: number): string => `0x${profile.frames.address[frame].toString(16)}`

/** The name of a frame's function, or its address. */
const functionName = (profile: Profile, frame: number): string => {
  const fn = profile.frames.function[frame]
  return fn < 0 ? bareName(profile, frame) : profile.strings.get(profile.functions.name[fn])
}

/** The text of a line of collapsed stacks; a name of Python's is taken apart. */
const collapse = (profile: Profile, frame: number): NodeName => {
  const { frames, functions, strings } = profile
  const fn = frames.function[frame]
  const text = functionName(profile, frame) + marksOf(frames.kind[frame], frames.inline[frame])
  const file = fn < 0 ? -1 : functions.file[fn]
  const python = file < 0 ? pythonFrame(text) : null
  const module = python !== null ? python.file : file < 0 ? null : strings.get(file)
  const name = python !== null ? python.name : text
  return { id: module === null ? name : `${module}:${name}`, name, module }
}

/** Methods of one name are one, whatever their file and line. */
const hprof = (profile: Profile, frame: number): NodeName => {
  const name = functionName(profile, frame)
  return { id: name, name, module: null }
}

/** `symbol:module`; a frame without a symbol is its address. */
const symbolOfModule = (profile: Profile, frame: number): NodeName => {
  const { frames, mappings, strings } = profile
  const name = functionName(profile, frame)
  const mapping = frames.mapping[frame]
  const module = mapping < 0 ? '' : strings.get(mappings.file[mapping])
  return { id: `${name}:${module}`, name, module: module === '' ? null : module }
}

/** The number that the file gives a function. */
const numbered = (profile: Profile, frame: number): NodeName => ({ ...symbolOfModule(profile, frame), id: profile.frames.function[frame] })

/** The number that sysprof gives a function, as long as the profile is as it was read. */
const numberedObject = (profile: Profile, frame: number): NodeName => {
  const ids = profile.extras.get('sysprof') as readonly number[] | undefined
  return { id: ids?.[frame] ?? frame, name: functionName(profile, frame), module: null }
}

/** `module:symbol`, whatever the file and line. */
const symbolInModule = (profile: Profile, frame: number): NodeName => {
  const { frames, mappings, strings } = profile
  const unknown = (profile.extras.get('sleepy') as { unknownModule?: string } | undefined)?.unknownModule ?? ''
  const module = frames.mapping[frame] < 0 ? unknown : strings.get(mappings.file[frames.mapping[frame]])
  const name = functionName(profile, frame)
  return { id: `${module}:${name}`, name, module }
}

/** `process!module!symbol`: a function of two processes is two. */
const ofProcess = (profile: Profile, frame: number, process = ''): NodeName => {
  const { module, name } = symbolOfModule(profile, frame)
  const symbol = profile.frames.function[frame] < 0 ? '?' : name
  return { id: `${process}!${module ?? ''}!${symbol}`, name: symbol, module, process }
}

const DIALECTS: Readonly<Record<string, Dialect>> = {
  dtrace: { nameOf: symbolOfModule },
  'gprof2dot-json': { nameOf: numbered, samplesAreCalls: true },
  sysprof: { nameOf: numberedObject, onlySampled: true },
  xperf: { nameOf: ofProcess, ofProcesses: true, ownValue: 'cpu' },
  sleepy: { nameOf: symbolInModule, all: true },
  // The count column of CPU TIME holds calls; gprof2dot takes it for the time all the same.
  hprof: { nameOf: hprof, zeroCalls: true },
}

/** @param source id of the format that the profile was read from. */
export const dialectOf = (source: unknown): Dialect => (typeof source === 'string' && DIALECTS[source]) || { nameOf: collapse }
