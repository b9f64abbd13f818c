import { createHash, generateKeyPairSync, randomBytes, sign, webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkProof, parseCheckpoint, parseKey, parseLeaf, rootOf, type Proof } from '@/lib/proof'

const subtle = webcrypto.subtle as unknown as SubtleCrypto
const sha = (...parts: (Buffer | string)[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const ORIGIN = 'park.example/kuailian/1'

function leafBytes(seq: number, caseId: bigint, kind: string, digest: Buffer): Buffer {
  const head = Buffer.alloc(42)
  ;[1n, BigInt(seq), 1_763_856_000_000_000n + BigInt(seq), caseId, 9n].forEach((value, i) => head.writeBigUInt64BE(value, 8 * i))
  head.writeUInt16BE(kind.length, 40)
  return Buffer.concat([Buffer.from('kuailian-entry/1\n'), head, Buffer.from(kind), digest])
}

// RFC 6962 2.1 as it is written there, recursively: not the way that the code under test goes.
const split = (n: number) => 2 ** Math.floor(Math.log2(n - 1))
const root = (leaves: Buffer[]): Buffer =>
  leaves.length === 1
    ? sha(Buffer.of(0), leaves[0]!)
    : sha(Buffer.of(1), root(leaves.slice(0, split(leaves.length))), root(leaves.slice(split(leaves.length))))
function path(at: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return at < k ? [...path(at, leaves.slice(0, k)), root(leaves.slice(k))] : [...path(at - k, leaves.slice(k)), root(leaves.slice(0, k))]
}

function makeProof(size = 11, caseId = 77n): Proof {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  const id = sha(`${ORIGIN}\n`, Buffer.of(1), raw).subarray(0, 4)
  const salts = Array.from({ length: size }, () => randomBytes(32))
  const bodies = Array.from({ length: size }, (_, i) => JSON.stringify({ text: `第 ${i} 条` }))
  const leaves = bodies.map((body, i) => leafBytes(i, i % 2 ? caseId : 5n, 'case.message', sha(salts[i]!, body)))
  const text = `${ORIGIN}\n${size}\n${root(leaves).toString('base64')}\ntime 2026-11-23T00:00:00Z\n`
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)])
  const own = leaves.map((_, i) => i).filter((i) => i % 2)
  return {
    origin: ORIGIN,
    key: `${ORIGIN}+${id.toString('hex')}+${Buffer.concat([Buffer.of(1), raw]).toString('base64')}`,
    checkpoint: `${text}\n— ${ORIGIN} ${signature.toString('base64')}\n`,
    entries: own.map((i) => ({
      seq: String(i),
      leaf: leaves[i]!.toString('base64'),
      body: bodies[i]!,
      salt: salts[i]!.toString('base64'),
      size: String(size),
      path: path(i, leaves).map((step) => step.toString('base64')),
    })),
  }
}

describe('inclusion paths', () => {
  it('lead to the root for every entry of every tree of 1 to 40', async () => {
    for (let size = 1; size <= 40; size++) {
      const leaves = Array.from({ length: size }, (_, i) => Buffer.from(`leaf ${i}`))
      for (let at = 0; at < size; at++) {
        const found = await rootOf(subtle, leaves[at]!, BigInt(at), BigInt(size), path(at, leaves))
        expect(found && Buffer.from(found)).toEqual(root(leaves))
      }
    }
  })
  it('of the wrong length or place lead nowhere', async () => {
    const leaves = Array.from({ length: 7 }, (_, i) => Buffer.from(`leaf ${i}`))
    const good = path(3, leaves)
    expect(await rootOf(subtle, leaves[3]!, 3n, 7n, [...good, randomBytes(32)])).toBeNull()
    expect(await rootOf(subtle, leaves[3]!, 3n, 7n, good.slice(1))).toBeNull()
    expect(await rootOf(subtle, leaves[3]!, 7n, 7n, good)).toBeNull()
    expect(await rootOf(subtle, leaves[3]!, 3n, 7n, [...good.slice(0, 2), Buffer.alloc(31)])).toBeNull()
    expect(Buffer.from((await rootOf(subtle, leaves[3]!, 2n, 7n, good))!)).not.toEqual(root(leaves))
  })
})

describe('a proof', () => {
  it('verifies as made', async () => {
    const verdict = await checkProof(subtle, makeProof(), '77')
    expect(verdict.fault).toBeNull()
    expect(verdict.signature).toBe('good')
    expect(verdict.entries).toHaveLength(5)
    expect(verdict.entries[0]).toMatchObject({ seq: '1', kind: 'case.message', erased: false, fault: null })
  })
  it('verifies after a text was erased', async () => {
    const proof = makeProof()
    Object.assign(proof.entries[1]!, { body: null, salt: null })
    const verdict = await checkProof(subtle, proof, '77')
    expect(verdict.fault).toBeNull()
    expect(verdict.entries[1]!.erased).toBe(true)
  })

  const tampered: [string, (proof: Proof) => void, string][] = [
    ['a changed text', (p) => (p.entries[0]!.body = '{"text":"别的"}'), 'body'],
    ['a changed leaf', (p) => (p.entries[0]!.leaf = flip(p.entries[0]!.leaf, 40)), 'path'],
    ['a cut leaf', (p) => (p.entries[0]!.leaf = Buffer.from(p.entries[0]!.leaf, 'base64').subarray(1).toString('base64')), 'leaf'],
    ['another entry number', (p) => (p.entries[0]!.seq = '3'), 'leaf'],
    ['a changed path', (p) => (p.entries[2]!.path[0] = flip(p.entries[2]!.path[0]!, 0)), 'path'],
    ['a changed root', (p) => (p.checkpoint = p.checkpoint.replace(/\n(\d+)\n./, (_, n) => `\n${n}\n${p.checkpoint.split('\n')[2]![0] === 'A' ? 'B' : 'A'}`)), 'signature'],
    ['a changed size', (p) => (p.checkpoint = p.checkpoint.replace('\n11\n', '\n12\n')), 'signature'],
    ['another key', (p) => (p.key = makeProof().key), 'signature'],
    ['a key of another journal', (p) => (p.key = p.key.replace('park.example', 'other.example')), 'origin'],
    ['no key', (p) => (p.key = 'nothing'), 'key'],
    ['another journal', (p) => (p.origin = 'other.example/1'), 'origin'],
    ['no checkpoint', (p) => (p.checkpoint = 'nothing'), 'checkpoint'],
  ]
  for (const [what, change, fault] of tampered)
    it(`is refused with ${what}`, async () => {
      const proof = makeProof()
      change(proof)
      expect((await checkProof(subtle, proof, '77')).fault).toBe(fault)
    })
  it('of another case is refused', async () => {
    expect((await checkProof(subtle, makeProof(), '78')).fault).toBe('case')
  })
  it('is half checked where Ed25519 is missing, and says so', async () => {
    const old = { digest: subtle.digest.bind(subtle), verify: subtle.verify.bind(subtle), importKey: () => Promise.reject(new Error('NotSupportedError')) }
    const verdict = await checkProof(old as unknown as SubtleCrypto, makeProof(), '77')
    expect(verdict).toMatchObject({ signature: 'unsupported', fault: null })
  })
})

function flip(base64: string, at: number): string {
  const bytes = Buffer.from(base64, 'base64')
  bytes[at]! ^= 1
  return bytes.toString('base64')
}

describe('what is read', () => {
  it('is refused when malformed', () => {
    expect(parseLeaf(new Uint8Array(10))).toBeNull()
    expect(parseCheckpoint('a\nb\nc\n\n')).toBeNull()
    expect(parseCheckpoint('a\n01\nAAAA\n\n')).toBeNull()
    expect(parseKey('name+xyz+AAAA')).toBeNull()
  })
})
