// npm's bpmn-engine on the same process: in memory, nothing is kept.
import BpmnModdle from 'bpmn-moddle';
import { Engine } from 'bpmn-engine';

const tasks = Number(process.argv[2]);
const seconds = Number(process.argv[3]);
let xml = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"><process id="p" isExecutable="true"><startEvent id="t0"/>';
for (let i = 1; i <= tasks; i++)
  xml += `<sequenceFlow id="f${i}" sourceRef="t${i - 1}" targetRef="t${i}"/><serviceTask id="t${i}" implementation="\${environment.services.work}"/>`;
xml += `<sequenceFlow id="f" sourceRef="t${tasks}" targetRef="e"/><endEvent id="e"/></process></definitions>`;

const services = { work: (scope, next) => setImmediate(() => next(null, true)) };
// The text is read once, as a store of definitions would have it.
const moddleContext = await new BpmnModdle().fromXML(xml);
let completed = 0;
const until = Date.now() + seconds * 1000;

async function client() {
  while (Date.now() < until) {
    const engine = new Engine({ name: 'bench', moddleContext });
    await new Promise((resolve, reject) =>
      engine.execute({ services, variables: { amount: 120, who: 'li' } }, (error) => (error ? reject(error) : resolve())));
    completed++;
  }
}
const began = Date.now();
await Promise.all(Array.from({ length: 16 }, client));
console.log(`peer_instances_s ${Math.round((completed * 1000) / (Date.now() - began))}`);
