import { humanKb, humanSeconds } from '../words/humanUnits.ts';
import { FAILURE_CATEGORIES, wordOf } from '../words/vocabulary.ts';
import { categoryWords, causeWords, detailWords, wordsOf } from '../words/vocabularyWords.ts';
import type { Difference, DifferenceName, DifferenceValue } from './differenceNames.ts';
import type { PartingPoint } from './partingPoint.ts';

/** How a person reads what differs. */
const NAMES: { readonly [name in Exclude<DifferenceName, (typeof FAILURE_CATEGORIES)[number]>]: string } = {
  memory_limit_kb: 'Memory limit',
  address_space_kb: 'Address space limit',
  data_kb: 'Data size limit',
  stack_kb: 'Stack limit',
  file_size_kb: 'File size limit',
  cpu_seconds: 'CPU time limit',
  open_files: 'Open files limit',
  processes: 'Processes limit',
  own_limits: 'Limits of the recording',
  timeout_seconds: 'Time limit',
  cores: 'Cores',
  agent: 'Agent',
  agent_version: 'Agent version',
  os: 'Operating system',
  kernel: 'Kernel',
  arch: 'Architecture',
  container: 'In a container',
  machine_memory_kb: "Machine's memory",
  node: "Recorder's Node",
  folder: 'Folder',
  command: 'Command',
  failure: 'Failure',
  call_status: 'Call',
  answer_version: 'Version',
  call_seconds: 'Call took',
  process_peak_kb: 'Memory of a process',
  process_seconds: 'Process ran',
  leftovers: 'Left behind',
  call: 'Calls',
  process: 'Process',
  outcome: 'Outcome',
  cause: 'End',
  layer: 'Where the reason lies',
  detail: 'Kind of end',
  exit_code: 'Exit code',
  signal: 'Signal',
  duration_seconds: 'Duration',
  peak_rss_kb: 'Peak memory of the agent',
  peak_tree_rss_kb: 'Peak memory of the tree',
  peak_fd_ratio: 'Peak share of open files',
  peak_cpu_percent: 'Peak CPU',
  most_processes: 'Most processes',
  product: 'Recorded by version',
};

const STATUS: Readonly<Record<string, string>> = { ok: 'went well', failed: 'failed', open: 'did not return' };

/** The row's name: `Memory limit`, or with its subject `Call took: curl …`. */
export function differenceName({ what, subject }: Difference): string {
  const category = wordOf(FAILURE_CATEGORIES, what);
  const name =
    category === undefined ? NAMES[what as keyof typeof NAMES] : `Failures: ${categoryWords(category).toLowerCase()}`;
  return subject === undefined ? name : `${name}: \`${subject}\``;
}

export function valueWords(what: DifferenceName, value: DifferenceValue): string {
  if (value === null) return what === 'failure' || what === 'signal' || what === 'detail' ? 'none' : noneWords(what);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return numberWords(what, value);
  if (what === 'failure') return failureWords(value);
  if (what === 'call_status') return STATUS[value] ?? value;
  if (what === 'cause') return causeWords(value);
  return what === 'outcome' || what === 'layer' || what === 'detail' ? wordsOf(value) : value;
}

function noneWords(what: DifferenceName): string {
  return what === 'exit_code' ? 'not known' : 'none';
}

function numberWords(what: DifferenceName, value: number): string {
  if (what.endsWith('_kb')) return humanKb(value);
  if (what.endsWith('_seconds')) return humanSeconds(value);
  if (what === 'peak_fd_ratio') return `${Math.round(value * 100)}%`;
  if (what === 'peak_cpu_percent') return `${Math.round(value)}%`;
  return String(value);
}

/** `missing_dependency.program` reads `Program missing`. */
function failureWords(kind: string): string {
  const [first = '', detail] = kind.split('.');
  const category = wordOf(FAILURE_CATEGORIES, first);
  return category === undefined ? kind : (detailWords(category, detail) ?? categoryWords(category));
}

/** One sentence that names the difference. */
export function differenceSentence(difference: Difference): string {
  const { what, subject, a, b } = difference;
  const [inA, inB] = [valueWords(what, a), valueWords(what, b)];
  if (what === 'failure') {
    const [kind, where] = a === null ? [inB, 'B'] : [inA, 'A'];
    return `Only ${where} met this: ${kind.charAt(0).toLowerCase()}${kind.slice(1)}${subject === undefined ? '' : `, at \`${subject}\``}.`;
  }
  if (what === 'process') return `Only ${a === true ? 'A' : 'B'} ran \`${subject}\`.`;
  if (what === 'leftovers') return `\`${subject}\` was left behind ${times(a)} by A, ${times(b)} by B.`;
  if (what === 'call') return `\`${subject}\` was called ${times(a)} in A, ${times(b)} in B.`;
  return `${differenceName(difference)}: ${inA} in A, ${inB} in B.`;
}

function times(value: DifferenceValue): string {
  return value === 0 ? 'never' : value === 1 ? 'once' : `${String(value)} times`;
}

export const NOTHING_DIFFERS = 'Nothing that matters differs.';

/** Where they part, in one sentence. */
export function partingSentence({ a, b, what, inA, inB }: PartingPoint): string {
  const when = `At ${humanSeconds(a)} in A and ${humanSeconds(b)} in B`;
  if (what === 'end') return `${when} they ended, in different ways.`;
  if (what === 'memory') {
    return `${when} the tree had ${humanKb(Number(inA))} in A, ${humanKb(Number(inB))} in B.`;
  }
  return `${when} they part: A ${inA ?? 'did not do so'}, B ${inB ?? 'did not do so'}.`;
}
