// A decision model as people see it: its tables, and what they ask for. The server checks and evaluates it.

export interface Column {
  label: string
  type: string
  /** Allowed words, where the model lists them. */
  words: string[]
}

export interface Rule {
  inputs: string[]
  outputs: string[]
  note: string
}

export interface Table {
  name: string
  about: string
  policy: string
  inputs: Column[]
  outputs: Column[]
  rules: Rule[]
}

export interface Input {
  name: string
  type: string
  words: string[]
}

export interface Model {
  tables: Table[]
  inputs: Input[]
}

const children = (parent: Element, name: string) => [...parent.children].filter((child) => child.localName === name)
const child = (parent: Element | undefined, name: string) => (parent ? children(parent, name)[0] : undefined)
const text = (parent: Element | undefined) => child(parent, 'text')?.textContent?.trim() ?? ''

/** The words of `"a","b"`; nothing else is a list of words. */
export function wordsOf(values: string): string[] {
  const words = values.match(/"(?:[^"\\]|\\.)*"/g) ?? []
  return words.join(',') === values.replace(/\s*,\s*/g, ',') ? words.map((word) => JSON.parse(word) as string) : []
}

function columnOf(element: Element, expression?: Element): Column {
  return {
    label: element.getAttribute('label') || element.getAttribute('name') || text(expression),
    type: (expression ?? element).getAttribute('typeRef') ?? '',
    words: wordsOf(text(child(element, expression ? 'inputValues' : 'outputValues'))),
  }
}

function tableOf(decision: Element, table: Element): Table {
  const aggregation = table.getAttribute('aggregation')
  return {
    name: decision.getAttribute('name') ?? '',
    about: child(decision, 'description')?.textContent?.trim() ?? '',
    policy: (table.getAttribute('hitPolicy') ?? 'UNIQUE') + (aggregation ? ` ${aggregation}` : ''),
    inputs: children(table, 'input').map((input) => columnOf(input, child(input, 'inputExpression'))),
    outputs: children(table, 'output').map((output) => columnOf(output)),
    rules: children(table, 'rule').map((rule) => ({
      inputs: children(rule, 'inputEntry').map(text),
      outputs: children(rule, 'outputEntry').map(text),
      note: child(rule, 'description')?.textContent?.trim() ?? '',
    })),
  }
}

/** Throws where the text is no XML. */
export function readModel(xml: string): Model {
  const root = new DOMParser().parseFromString(xml, 'application/xml').documentElement
  if (root.localName !== 'definitions') throw new Error('no decision model')
  const tables = children(root, 'decision').flatMap((decision) =>
    children(decision, 'decisionTable').map((table) => tableOf(decision, table)),
  )
  const words = new Map(tables.flatMap((table) => table.inputs.map((input) => [input.label, input.words] as const)))
  const inputs = children(root, 'inputData').map((data) => {
    const name = data.getAttribute('name') ?? ''
    return { name, type: child(data, 'variable')?.getAttribute('typeRef') ?? '', words: words.get(name) ?? [] }
  })
  return { tables, inputs }
}

/** What was typed, as the JSON that its type asks for. */
export function valueOf(input: Input, typed: string): unknown {
  if (typed === '') return null
  if (input.type === 'string' || input.words.length > 0) return typed
  if (input.type === 'number' || input.type === 'boolean' || input.type === '') {
    try {
      return JSON.parse(typed) as unknown
    } catch {
      return typed
    }
  }
  return typed
}
