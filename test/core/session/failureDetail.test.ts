import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../../src/core/failures/classify/classify.ts';
import { FAILURE_DETAILS } from '../../../src/core/session/failureDetail.ts';
import { failuresFrom } from '../../../src/core/session/readFailures.ts';
import { suspectOf } from '../../../src/core/failures/suspect.ts';
import type { Symptom } from '../../../src/core/failures/transcriptEvents.ts';
import { detailWords } from '../../../src/core/words/vocabularyWords.ts';
import { FAILURE_CATEGORIES, wordOf } from '../../../src/core/words/vocabulary.ts';
import { CUE_TEXTS } from '../failures/classify/failureTexts.ts';

const service = (said: string, rest: Partial<Symptom> = {}): Symptom => ({ origin: 'service', said, ...rest });
const ran = (exit_code: number, output: string): Symptom => ({ origin: 'call', tool_kind: 'shell', exit_code, output });
const said = (tool_kind: Symptom['tool_kind'], text: string): Symptom => ({ origin: 'call', tool_kind, said: text });

const KINDS: Readonly<Record<string, readonly Symptom[]>> = {
  'network dns': [ran(6, 'curl: (6) Could not resolve host: a.test'), service('getaddrinfo ENOTFOUND api.a.test')],
  'network refused': [
    ran(7, 'connect ECONNREFUSED 127.0.0.1:5432'),
    service('Unable to connect to API (ConnectionRefused)'),
  ],
  'network unreachable': [ran(1, 'connect: Network is unreachable')],
  'network reset': [service('terminated'), ran(1, 'read ECONNRESET')],
  'network tls': [ran(60, 'curl: (60) SSL certificate problem: self signed certificate')],
  'network proxy': [ran(56, 'curl: (56) Received HTTP code 407 from proxy after CONNECT')],
  'network auth': [
    service('[API Error: 401 Incorrect API key provided]'),
    service('Invalid API key · Please run /login'),
    ran(128, 'git@a.test: Permission denied (publickey).'),
    service('x', { code: 'authentication' }),
  ],
  'network rate_limit': [service('slow down', { http_status: 429 })],
  'network quota': [service('You exceeded your current quota, see your plan and billing', { http_status: 429 })],
  'network overloaded': [service('Overloaded', { http_status: 529 }), service('busy', { http_status: 503 })],
  'network server_error': [service('x', { http_status: 500 })],
  'network timeout': [ran(28, 'curl: (28) Operation timed out after 2001 milliseconds')],
  'resource disk': [ran(1, 'write error: No space left on device')],
  'resource heap': [ran(134, 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory')],
  'resource memory': [ran(1, 'MemoryError')],
  'resource descriptors': [ran(1, 'EMFILE: too many open files')],
  'resource processes': [ran(1, 'bash: fork: retry: Resource temporarily unavailable')],
  'resource watches': [ran(1, 'Error: ENOSPC: System limit for number of file watchers reached')],
  'resource gpu': [ran(1, 'RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB')],
  'missing_dependency program': [ran(127, 'bash: frob: command not found'), ran(127, '')],
  'missing_dependency module': [ran(1, "ModuleNotFoundError: No module named 'x'")],
  'missing_dependency library': [ran(1, 'error while loading shared libraries: libz.so.1')],
  'missing_dependency interpreter': [ran(127, "/usr/bin/env: 'python3.4': No such file or directory")],
  'missing_dependency daemon': [ran(1, 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.')],
  'missing_dependency file': [said('read', 'File not found: /srv/a')],
  'sandbox_approval denied_by_user': [said('shell', 'The user rejected permission to use this specific tool call.')],
  'sandbox_approval denied_by_rule': [
    said('shell', 'X requires permission to use "run", but that permission was declined. Matching deny rule: "run".'),
  ],
  'sandbox_approval read_only': [ran(1, "touch: cannot touch 'a': Read-only file system")],
  'sandbox_approval permission': [ran(1, 'cat: a: Permission denied')],
  'sandbox_approval sandbox': [{ origin: 'call', code: 'outside_workspace' }],
  'timeout command': [ran(124, '')],
  'timeout tool': [said('web', 'Command timed out after 5 seconds')],
  'tool_schema unknown_tool': [said('other', 'No such tool available: fly')],
  'tool_schema order': [said('edit', 'File has not been read yet. Read it first.')],
  'tool_schema arguments': [said('edit', 'InputValidationError: Edit failed')],
  'model edit_missed': [said('edit', 'String to replace not found in file.')],
  'model context': [service('prompt is too long: 210000 tokens')],
  'background_job killed': [{ origin: 'job', code: 'job_killed' }],
  'background_job lost': [said('shell', 'No shell found with ID: 4')],
  'command_exit undefined': [ran(1, 'x')],
};

for (const [kind, symptoms] of Object.entries(KINDS)) {
  test(`which kind of failure it is: ${kind}`, () => {
    for (const symptom of symptoms) {
      const { category, detail } = classify(symptom);
      assert.equal(`${category} ${detail}`, kind, symptom.said ?? symptom.output ?? '');
    }
  });
}

test('every kind of a failure is a word of its category, and has words for a person', () => {
  for (const [exitCode, output] of Object.values(CUE_TEXTS).flat()) {
    const { category, detail } = classify(ran(exitCode, output));
    const known = wordOf(FAILURE_CATEGORIES, category);
    const words: readonly string[] = known === undefined ? [] : FAILURE_DETAILS[known];
    assert.ok(detail === undefined || words.includes(detail), `${category} ${detail}`);
  }
  for (const category of FAILURE_CATEGORIES) {
    for (const detail of FAILURE_DETAILS[category]) {
      assert.equal(detailWords(category, detail) === undefined, detail === 'unknown', `${category} ${detail}`);
    }
  }
});

test('a rejected key is told as a login, and a word that no list has is dropped on reading', () => {
  const source = { category: 'network', rule: 'dns', confidence: 'certain', handle: '', line: 1, ts: null } as const;
  const evidence = { counts: { network: 1 }, firm: { network: 1 }, unclosed: 0, ended_by: 'network' } as const;
  assert.equal(
    suspectOf({ ...evidence, sources: [{ ...source, detail: 'auth' }] }).sentence,
    'Environment suspect: the only failure, a login failure, ended the session; the model was not at fault.',
  );
  const read = failuresFrom({
    sources: [
      { ...source, detail: 'auth' },
      { ...source, detail: 'heap' },
    ],
  });
  assert.deepEqual(
    read?.sources.map(({ detail }) => detail),
    ['auth', undefined],
  );
});
