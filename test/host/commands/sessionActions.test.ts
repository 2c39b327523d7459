import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { ActionFacts } from '../../../src/core/panel/actionFacts.ts';
import type { SessionRef } from '../../../src/core/panel/sessionView.ts';
import { commandText, wordsOfCommand } from '../../../src/core/words/commandText.ts';
import type { CliCall } from '../../../src/core/words/cliCall.ts';
import { linkedMoment, sessionLink } from '../../../src/core/words/sessionLink.ts';
import type { Backend } from '../../../src/host/backend.ts';
import { editor } from '../fakeEditor.ts';

const { isStopMeant, sessionActions } = await import('../../../src/host/commands/sessionActions.ts');

const SESSION: SessionRef = { root: '/logs', id: 'sess-2026-03-01-4f9a1c07' };
const EVERYTHING: ActionFacts = {
  isRunning: false,
  startMs: 1_772_359_200_000,
  endMs: 1_772_359_260_000,
  command: ['claude', '-p', "don't stop"],
  folder: '/',
  label: 'nightly',
  transcript: '/tmp/log.jsonl',
  resume: 'claude --resume 5f0c',
  verdict: 'Failed with exit code 3.',
};
let facts: ActionFacts = EVERYTHING;
const calls: (CliCall & { readonly cwd?: string })[] = [];
const backend = {
  roots: () => Promise.resolve(['/logs']),
  query: () => Promise.resolve({ ok: true, value: facts }),
} as unknown as Backend; // what the actions ask of it
const shown: unknown[] = [];
const actions = sessionActions({
  backend,
  cli: {
    path: '',
    run: (call, options) => {
      calls.push({ ...call, ...options });
      return Promise.resolve({ ok: true, stdout: '', json: { id: 'again' } });
    },
    launch: () => Promise.resolve({ ok: false, why: '' }),
  },
  panel: { showPage: () => undefined, showOutput: (session) => void shown.push(session) },
});
const yes = ([first]: readonly unknown[]): unknown => first;

beforeEach(() => {
  facts = EVERYTHING;
  for (const list of [calls, shown, editor.shown, editor.clipboard, editor.answers]) list.length = 0;
});

test('only what a session has is offered', async () => {
  const offered = async (): Promise<readonly string[]> => {
    editor.shown.length = 0;
    await actions.choose(SESSION, undefined);
    return editor.shown.flatMap(({ surface, text }) =>
      surface === 'quick pick' ? text.replace(/^\$\([\w-]+\) /, '') : [],
    );
  };
  for (const label of ['Run Again', 'Open Transcript', 'Copy Resume Command', 'Delete Session…'])
    assert.ok((await offered()).includes(label), label);
  facts = { ...EVERYTHING, isRunning: true, command: undefined, transcript: undefined, resume: undefined };
  for (const label of ['Run Again', 'Open Transcript', 'Copy Resume Command', 'Delete Session…'])
    assert.ok(!(await offered()).includes(label), label);
});

test('what is run again is shown first, and is the same command in the same folder with the same label', async () => {
  await actions.act('runAgain', SESSION);
  assert.equal(calls.length, 0, 'without an answer nothing is started');
  assert.ok(editor.shown.some(({ text }) => text.includes(String.raw`claude -p 'don'\''t stop'`)));
  editor.answers.push(yes);
  await actions.act('runAgain', SESSION);
  const [call] = calls;
  assert.deepEqual(
    [call?.command, call?.program, call?.cwd, call?.flags?.['label']],
    ['run', EVERYTHING.command, '/', 'nightly'],
  );
  assert.deepEqual(shown, [{ root: '/logs', id: 'again' }]);
});

test('a session is deleted when a person has agreed, that one alone', async () => {
  await actions.act('deleteSession', SESSION);
  assert.equal(calls.length, 0);
  editor.answers.push(yes);
  await actions.act('deleteSession', SESSION);
  assert.deepEqual(calls, [{ command: 'prune', flags: { 'log-dir': '/logs', only: SESSION.id } }]);
});

test('verdict and link are copied, the link with the moment that is looked at or the end', async () => {
  await actions.act('copyVerdict', SESSION);
  await actions.act('copyLink', SESSION, 1_772_359_230_000);
  await actions.act('copyLink', SESSION);
  const link = `vscode://session-diagnostics.session-diagnostics/session?id=${SESSION.id}`;
  assert.deepEqual(editor.clipboard, [
    `Failed with exit code 3.\n(${SESSION.id})`,
    `${link}&at=1772359230000`,
    `${link}&at=1772359260000`,
  ]);
});

test('Stop asks when a session has run for more than five minutes, and only then', async () => {
  facts = { ...EVERYTHING, isRunning: true, startMs: Date.now() - 60_000 };
  assert.equal(await isStopMeant(backend, SESSION), true);
  assert.deepEqual(editor.shown, []);
  facts = { ...facts, startMs: Date.now() - 301_000 };
  assert.equal(await isStopMeant(backend, SESSION), false);
  editor.answers.push(yes);
  assert.equal(await isStopMeant(backend, SESSION), true);
});

test('a link holds a name and a time, and nothing that could be a path is followed', () => {
  const moment = { id: SESSION.id, atMs: 1_772_359_230_000 };
  const link = sessionLink('vscode', moment) ?? '';
  assert.deepEqual(linkedMoment('/session', link.split('?')[1] ?? ''), moment);
  for (const id of ['../../etc/passwd', '/etc/passwd', '..', 'a/b', '-x', ''])
    assert.equal(linkedMoment('/session', `id=${id}`), undefined, id);
  assert.equal(linkedMoment('/other', `id=${SESSION.id}`), undefined);
  assert.equal(linkedMoment('/session', `id=${SESSION.id}&at=now`), undefined);
  assert.equal(sessionLink('java script', moment), undefined);
  assert.equal(sessionLink('vscode', { id: 'two words', atMs: undefined }), undefined);
});

test('a command line becomes its own words again, or none', () => {
  for (const words of [['a'], ['claude', '-p', "don't 'stop'", ''], ['sh', '-c', 'a; b "c" $D\n'], ["'"]])
    assert.deepEqual(wordsOfCommand(commandText(words)), words);
  for (const text of ['', 'a  b', 'curl -H [redacted:token]', `'open`, 'a "b"', 'a;b'])
    assert.equal(wordsOfCommand(text), undefined, text);
});
