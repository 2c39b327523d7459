import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../../../src/core/failures/classify/classify.ts';
import type { Symptom } from '../../../../src/core/failures/transcriptEvents.ts';

const service = (said: string, rest: Partial<Symptom> = {}): Symptom => ({ origin: 'session', said, ...rest });
const refused = (tool_kind: Symptom['tool_kind'], said: string): Symptom => ({
  origin: 'call',
  tool_kind,
  said,
  output: said,
  never_ran: true,
});
const ran = (exit_code: number, output: string): Symptom => ({ origin: 'call', tool_kind: 'shell', exit_code, output });

/** What harnesses and programs were seen to say, and what it was. */
const SAID: readonly (readonly [expected: string, symptom: Symptom])[] = [
  ['network http_credentials', service('[API Error: 401 Incorrect API key provided: the key was revoked.]')],
  ['network http_rate_limit', service('[API Error: 429 You exceeded your current quota]')],
  ['network credentials_rejected', service('The key that was given has been revoked.')],
  ['network service_unreachable', service('[API Error: terminated]')],
  ['network service_unreachable', service('terminated: other side closed (UND_ERR_SOCKET)')],
  ['model request_rejected', service('[API Error: 404 The model `m-9` does not exist here]')],
  ['model context_exceeded', service("[API Error: 400 This model's maximum context length is 8192 tokens.]")],
  ['network http_server_error', { origin: 'call', tool_kind: 'subagent', said: '[API Error: 503 busy]' }],
  ['resource processes', ran(11, 'cannot start the worker: Resource temporarily unavailable')],
  ['resource processes', ran(1, 'bash: fork: retry: Resource temporarily unavailable')],
  [
    'resource memory',
    ran(
      134,
      'Aborted (core dumped)\n 4: 0xcc7d7a v8::internal::V8::FatalProcessOutOfMemory(v8::internal::Isolate*)\n 5: 0xf1e9b6 v8::internal::Heap::CollectGarbage(v8::internal::AllocationSpace)',
    ),
  ],
  ['tool_schema invalid_arguments', refused('shell', "params must have required property 'command'")],
  ['tool_schema invalid_arguments', refused('shell', '"command": Required')],
  ['tool_schema invalid_arguments', refused('shell', 'Validation failed for tool "bash":\n  - command: missing')],
  ['tool_schema invalid_arguments', refused('shell', '✖ Invalid input')],
  ['tool_schema invalid_arguments', refused('edit', 'Unterminated string in JSON at position 18')],
  [
    'tool_schema invalid_arguments',
    refused('shell', 'The bash tool was called with invalid arguments: SchemaError(Missing key\n  at ["command"]).'),
  ],
  ['tool_schema invalid_arguments', refused('shell', 'Required parameter "command" missing for tool "Bash"')],
  ['tool_schema unknown_tool', refused('other', "AI_NoSuchToolError: Model tried to call unavailable tool 'fly'.")],
  ['tool_schema call_skipped', refused('shell', 'Skipped because the provider attempt was retried before execution.')],
  ['tool_schema tool_contract', refused('edit', 'File /srv/a.txt has not been read in this session. Read it first.')],
  [
    'sandbox_approval permission_not_granted',
    refused(
      'shell',
      'Qwen Code requires permission to use "run_shell_command", but that permission was declined. Matching deny rule: "run_shell_command".',
    ),
  ],
  ['model edit_missed', refused('edit', "Could not find an exact match for 'old_string' in 'notes.txt'.")],
  ['model edit_missed', refused('edit', 'Could not find the exact text in notes.txt. The old text must match.')],
  ['model edit_missed', refused('edit', 'Could not find oldString in the file. It must match exactly.')],
  ['model edit_missed', refused('edit', 'No match found')],
  ['model edit_missed', refused('edit', 'Edit at index 0: string not found in file: "a"')],
  ['model edit_missed', refused('edit', 'No replacement performed: text not found in /srv/a.txt.')],
  ['model is_directory', refused('read', 'Path is a directory, not a file: /srv/src')],
  ['model is_directory', refused('read', 'Path is not a file: /srv/src')],
  ['unknown unrecognised', refused('shell', 'A sentence that nobody knows.')],
  // The word of an option is no limit that was reached.
  ['command_exit exit_nonzero', ran(2, 'Command: python3 -m pip install --timeout 3 x\nno such option')],
  ['unknown unrecognised', refused('other', 'Command: python3 -m pip install --timeout 3 --retries 0')],
  ['timeout harness_timeout', refused('other', 'Command timed out after 2m 0.0s')],
];

for (const [expected, symptom] of SAID) {
  test(`${expected}: ${(symptom.said ?? symptom.output ?? '').slice(0, 60)}`, () => {
    const { category, rule } = classify(symptom);
    assert.equal(`${category} ${rule}`, expected);
  });
}
