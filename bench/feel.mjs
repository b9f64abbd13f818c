// Beside bench-feel: the same expressions with npm's feelin, which parses anew each time. What parsing alone
// takes is measured too and taken off.
// usage: bench/run decisions
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { evaluate, parseExpression } from 'feelin'

const lines = readFileSync(new URL('feel.txt', import.meta.url), 'utf8')
const context = { age: 42, income: 1250.5, name: 'Ning', list: [3, 1, 2, 8, 5],
  staff: [{ pay: 10, unit: 'a' }, { pay: 20, unit: 'b' }] }

// The best of several: the machine may be busy with something else.
function nanoseconds (call) {
  return Math.min(...[1, 2, 3, 4, 5].map(() => nanosecondsOnce(call)))
}

function nanosecondsOnce (call) {
  for (let i = 0; i < 200; i++) call()
  const begin = process.hrtime.bigint()
  let count = 0
  do { for (let i = 0; i < 200; i++, count++) call() } while (process.hrtime.bigint() - begin < 100000000n)
  return Number(process.hrtime.bigint() - begin) / count
}

const ours = execFileSync(process.argv[2], { input: lines, encoding: 'utf8' }).trim().split('\n')
for (const line of ours) {
  const at = line.indexOf(' '), text = line.slice(at + 1), own = Number(line.slice(0, at))
  const whole = nanoseconds(() => evaluate(text, context))
  const parse = nanoseconds(() => parseExpression(text, context))
  console.log(`feel ${own} ns, feelin ${whole.toFixed(0)} ns of which parsing ${parse.toFixed(0)} ns: ` +
    `${(whole / own).toFixed(0)} x whole, ${((whole - parse) / own).toFixed(0)} x without parsing  ${text}`)
}
