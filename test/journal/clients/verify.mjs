// Verifies inclusion proofs and their signed checkpoint with @sigstore/verify's log verifier.
// usage: node verify.mjs KEYFILE < proofs, one JSON object a line (`kuailian journal proof`)
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import tlog from '@sigstore/verify/dist/tlog/index.js';

const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const [, name, hint, encoded] =
  readFileSync(process.argv[2], 'utf8').trim().match(/^([^+]+)\+([0-9a-f]{8})\+(.+)$/);
const key = Buffer.from(encoded, 'base64');
const authority = {
  baseURL: name,
  logID: Buffer.from(hint, 'hex'),
  publicKey: createPublicKey({
    key: Buffer.concat([ED25519_SPKI, key.subarray(1)]), format: 'der', type: 'spki',
  }),
};

function verify(proof, leaf, checkpoint) {
  tlog.verifyTLogInclusion({
    canonicalizedBody: leaf,
    inclusionProof: {
      logIndex: String(proof.seq),
      treeSize: String(proof.size),
      hashes: proof.path.map((hash) => Buffer.from(hash, 'base64')),
      checkpoint: { envelope: checkpoint },
    },
  }, [authority]);
}

function refuses(proof, leaf, checkpoint) {
  try {
    verify(proof, leaf, checkpoint);
  } catch {
    return true;
  }
  return false;
}

let count = 0;
for (const line of readFileSync(0, 'utf8').trim().split('\n')) {
  const proof = JSON.parse(line);
  const leaf = Buffer.from(proof.leaf, 'base64');
  verify(proof, leaf, proof.checkpoint);
  const bent = Buffer.from(leaf);
  bent[bent.length - 1] ^= 1;
  const other = proof.checkpoint.replace(/\n(\d+)\n/, (_, size) => `\n${size}0\n`);
  if (!refuses(proof, bent, proof.checkpoint) || !refuses(proof, leaf, other)) {
    throw new Error(`a changed entry or checkpoint was accepted for entry ${proof.seq}`);
  }
  count++;
}
console.log(`verified: ${count} proofs`);
