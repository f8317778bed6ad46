/**
 * XML of profilers, as plain objects, by fast-xml-parser. It holds the whole text and all of its elements in memory, at a
 * few megabytes a second, so what it gets is bounded; and it forgives what it should not, so that is looked for here.
 */
import { XMLParser } from 'fast-xml-parser'
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { wholeFile } from '../../io/whole-file.js'
import type { Input } from '../format.js'

/** Bytes of a file: some hundred thousand nodes of a call tree. A parsed megabyte takes some twenty in memory. */
export const MOST_XML = 64 << 20

export type Element = Readonly<Record<string, unknown>>

/**
 * The document as an object: elements by name, with text as it stands (no numbers made of it), attributes as `@name`. An
 * element whose path (a.b.c) is in `lists` is an array even if it is alone.
 * @throws ProfconvError 'limit' for large files and for document types, which are how a kilobyte becomes a gigabyte;
 * 'malformed' for what is no XML, or ends too early.
 */
export const parseXml = async (input: Input, root: string, lists: readonly string[], code: string): Promise<Element> => {
  const bytes = await wholeFile(input, MOST_XML, code)
  const text = new TextDecoder().decode(bytes)
  const type = /<!(?:DOCTYPE|ENTITY)/i.exec(text)
  if (type !== null)
    throw new ProfconvError('malformed', `${code}/doctype`, 'a document type, which no profiler writes', {
      at: { byte: type.index },
      expected: 'XML without entities of its own',
    })
  // The parser takes a document that stops in the middle for a whole one.
  if (!text.trimEnd().endsWith(`</${root}>`))
    throw malformed(`${code}/cut`, `it does not end with </${root}>`, {
      at: { byte: bytes.length },
      expected: 'a whole file',
      hint: 'was it saved or copied completely?',
    })
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
    isArray: (_, path) => lists.includes(String(path)),
  })
  let document: unknown
  try {
    document = parser.parse(text)
  } catch (error) {
    throw malformed(`${code}/xml`, `no XML: ${(error as Error).message.split('\n')[0]}`, { expected: 'well-formed XML' })
  }
  return elementOf(elementOf(document)[root])
}

/** An element's own; nothing for a text or an element that is not there. */
export const elementOf = (v: unknown): Element => (typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Element) : {})

/** The elements of a list. */
export const elementsOf = (v: unknown): readonly Element[] => (Array.isArray(v) ? v.map(elementOf) : [])

/** The text of an element or attribute; '' if there is none. */
export const textOf = (v: unknown): string => (typeof v === 'string' ? v : '')
