// Beside bench-dmn: the same tables with npm's @hbtgmbh/dmn-eval-js, read once, evaluated again and again.
// usage: bench/run decisions
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'

const { decisionTable } = createRequire(import.meta.url)('@hbtgmbh/dmn-eval-js')
const program = process.argv[2]
const perSecond = new Map(execFileSync(program, { encoding: 'utf8' }).trim().split('\n')
  .map((line) => line.split(' ').map(Number)).map(([rules, ranges, words]) => [rules, { ranges, words }]))

// It reads the namespace of DMN 1.1 only, wants an output's name and answers an empty cell where ours says "-".
async function theirs (rules, kind) {
  const xml = execFileSync(program, [String(rules), kind], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .replace(/https:[^']*MODEL\//, 'http://www.omg.org/spec/DMN/20151101/dmn.xsd')
    .replace('<output/>', "<output name='d' typeRef='integer'/>").replaceAll('<text>-</text>', '<text></text>')
    .replace(/<input><inputExpression>/g, "<input><inputExpression typeRef='string'>")
  const decisions = await decisionTable.parseDmnXml(xml)
  const begin = process.hrtime.bigint()
  let count = 0
  do {
    const rule = count * 7919 % rules
    const context = { n: Math.floor(rule / 10) * 10 + 3, w: `w${kind === 'words' ? rule : rule % 10}` }
    const found = decisionTable.evaluateDecision('d', decisions, context)
    if (found?.d !== rule) throw new Error(`rule ${rule} of ${rules} ${kind}: ${JSON.stringify(found)}`)
    count++
  } while (process.hrtime.bigint() - begin < 1000000000n)
  return count * 1e9 / Number(process.hrtime.bigint() - begin)
}

for (const rules of [10, 100, 1000]) {
  for (const kind of ['ranges', 'words']) {
    const other = await theirs(rules, kind), own = perSecond.get(rules)[kind]
    console.log(`dmn ${rules} rules of ${kind}: ${own.toFixed(0)} decisions/s, dmn-eval-js ${other.toFixed(0)}: ${(own / other).toFixed(0)} x`)
  }
}
