// Checks, without trusting the server, that entries stand in the journal (src/journal/journal.h):
// body and salt → digest in the leaf → Merkle path (RFC 6962) → root in the signed checkpoint (C2SP).

export interface ProofEntry {
  seq: string | number
  leaf: string
  body: string | null
  salt: string | null
  size: string | number
  path: string[]
}

export interface Proof {
  origin: string
  key: string
  checkpoint: string
  entries: ProofEntry[]
}

export interface Leaf {
  park: bigint
  seq: bigint
  time: Date
  case: bigint
  actor: bigint
  kind: string
  digest: Uint8Array
}

export interface Checkpoint {
  origin: string
  size: bigint
  root: Uint8Array
  /** What is signed. */
  text: string
  signatures: { name: string; keyId: Uint8Array; signature: Uint8Array }[]
}

export type Fault =
  | 'leaf' // The leaf's bytes are not what the format says.
  | 'case' // The entry belongs to another case.
  | 'body' // The text is not the one that was journalled.
  | 'path' // The path does not lead to the checkpoint's root.
  | 'checkpoint' // The checkpoint cannot be read.
  | 'origin' // The checkpoint or its key is of another journal.
  | 'key' // The key cannot be read.
  | 'signature' // The checkpoint was not signed with this key.

export interface EntryVerdict {
  seq: string
  kind: string
  at: Date | null
  erased: boolean
  fault: Fault | null
}

export interface Verdict {
  entries: EntryVerdict[]
  size: bigint
  /** `unsupported`: this browser cannot check Ed25519; everything else was checked. */
  signature: 'good' | 'bad' | 'unsupported'
  fault: Fault | null
}

type Subtle = Pick<SubtleCrypto, 'digest' | 'importKey' | 'verify'>

const HEADER = 'kuailian-entry/1\n'
const encoder = new TextEncoder()

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

async function sha256(subtle: Subtle, ...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.digest('SHA-256', join(...parts)))
}

export function parseLeaf(bytes: Uint8Array): Leaf | null {
  const header = encoder.encode(HEADER)
  const fixed = header.length + 5 * 8 + 2
  if (bytes.length < fixed + 32 || !same(bytes.subarray(0, header.length), header)) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const number = (i: number) => view.getBigUint64(header.length + 8 * i)
  const length = view.getUint16(fixed - 2)
  if (bytes.length !== fixed + length + 32) return null
  return {
    park: number(0),
    seq: number(1),
    time: new Date(Number(number(2) / 1000n)),
    case: number(3),
    actor: number(4),
    kind: new TextDecoder().decode(bytes.subarray(fixed, fixed + length)),
    digest: bytes.subarray(fixed + length),
  }
}

/** Walks from a leaf to the root (RFC 9162, 2.1.3.2). Null: the path does not fit the tree. */
export async function rootOf(
  subtle: Subtle,
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  path: Uint8Array[],
): Promise<Uint8Array | null> {
  if (index < 0n || index >= size) return null
  let sum = await sha256(subtle, Uint8Array.of(0), leaf)
  let place = index
  let last = size - 1n
  for (const step of path) {
    if (last === 0n || step.length !== 32) return null
    if (place & 1n || place === last) {
      sum = await sha256(subtle, Uint8Array.of(1), step, sum)
      while (!(place & 1n) && place !== 0n) {
        place >>= 1n
        last >>= 1n
      }
    } else {
      sum = await sha256(subtle, Uint8Array.of(1), sum, step)
    }
    place >>= 1n
    last >>= 1n
  }
  return last === 0n ? sum : null
}

export function parseCheckpoint(note: string): Checkpoint | null {
  const cut = note.indexOf('\n\n')
  if (cut < 0) return null
  const text = note.slice(0, cut + 1)
  const [origin, size, root] = text.split('\n')
  if (!origin || !size || !root || !/^(0|[1-9]\d*)$/.test(size)) return null
  const signatures = []
  for (const line of note.slice(cut + 2).split('\n')) {
    const match = /^— (\S+) ([A-Za-z0-9+/=]+)$/.exec(line)
    if (!match) continue
    const bytes = fromBase64(match[2]!)
    signatures.push({ name: match[1]!, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) })
  }
  return { origin, size: BigInt(size), root: fromBase64(root), text, signatures }
}

/** A verifier key "name+id+base64(0x01 ‖ key)" as in C2SP signed-note. */
export function parseKey(key: string): { name: string; publicKey: Uint8Array<ArrayBuffer> } | null {
  const match = /^(.+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(key.trim())
  if (!match) return null
  const bytes = fromBase64(match[3]!)
  return bytes.length === 33 && bytes[0] === 1 ? { name: match[1]!, publicKey: bytes.slice(1) } : null
}

async function checkSignature(subtle: Subtle, checkpoint: Checkpoint, key: string): Promise<Fault | 'unsupported' | null> {
  const verifier = parseKey(key)
  if (!verifier) return 'key'
  if (verifier.name !== checkpoint.origin) return 'origin'
  const id = (await sha256(subtle, encoder.encode(`${verifier.name}\n`), Uint8Array.of(1), verifier.publicKey)).subarray(0, 4)
  const found = checkpoint.signatures.find((one) => one.name === verifier.name && same(one.keyId, id))
  if (!found) return 'signature'
  let imported: CryptoKey
  try {
    imported = await subtle.importKey('raw', verifier.publicKey, { name: 'Ed25519' }, false, ['verify'])
  } catch {
    return 'unsupported'
  }
  const good = await subtle.verify({ name: 'Ed25519' }, imported, found.signature.slice(), encoder.encode(checkpoint.text))
  return good ? null : 'signature'
}

async function checkEntry(subtle: Subtle, entry: ProofEntry, checkpoint: Checkpoint, caseId?: string): Promise<EntryVerdict> {
  const bytes = fromBase64(entry.leaf)
  const leaf = parseLeaf(bytes)
  const verdict: EntryVerdict = {
    seq: String(entry.seq),
    kind: leaf?.kind ?? '',
    at: leaf?.time ?? null,
    erased: entry.body === null || entry.salt === null,
    fault: null,
  }
  const fault = (why: Fault) => ({ ...verdict, fault: why })
  if (!leaf || leaf.seq !== BigInt(entry.seq)) return fault('leaf')
  if (caseId !== undefined && leaf.case !== BigInt(caseId)) return fault('case')
  if (!verdict.erased) {
    const digest = await sha256(subtle, fromBase64(entry.salt!), encoder.encode(entry.body!))
    if (!same(digest, leaf.digest)) return fault('body')
  }
  const root = await rootOf(subtle, bytes, leaf.seq, checkpoint.size, entry.path.map(fromBase64))
  return root && same(root, checkpoint.root) ? verdict : fault('path')
}

export async function checkProof(subtle: Subtle, proof: Proof, caseId?: string): Promise<Verdict> {
  const none: Verdict = { entries: [], size: 0n, signature: 'bad', fault: null }
  const checkpoint = parseCheckpoint(proof.checkpoint)
  if (!checkpoint) return { ...none, fault: 'checkpoint' }
  if (checkpoint.origin !== proof.origin) return { ...none, fault: 'origin' }
  const signed = await checkSignature(subtle, checkpoint, proof.key)
  const entries: EntryVerdict[] = []
  for (const entry of proof.entries) entries.push(await checkEntry(subtle, entry, checkpoint, caseId))
  return {
    entries,
    size: checkpoint.size,
    signature: signed === null ? 'good' : signed === 'unsupported' ? 'unsupported' : 'bad',
    fault: (signed === 'unsupported' ? null : signed) ?? entries.find((one) => one.fault)?.fault ?? null,
  }
}
