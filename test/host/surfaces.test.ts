import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Alert } from '../../src/core/panel/serverProtocol.ts';
import type { SessionRef, SessionRow } from '../../src/core/panel/sessionView.ts';
import type { Backend } from '../../src/host/backend.ts';
import type { CommandParts } from '../../src/host/commands/commands.ts';
import type { CliResult, RecorderCli } from '../../src/host/recorderCli.ts';
import { editor } from './fakeEditor.ts';

/** The modules that show something, over an editor that only keeps what it is told to show. */
const { createAlerts } = await import('../../src/host/views/alerts.ts');
const { attachSession } = await import('../../src/host/commands/attachSession.ts');
const { cleanUpLeftovers } = await import('../../src/host/commands/cleanUpLeftovers.ts');
const { registerCommands } = await import('../../src/host/commands/commands.ts');
const { saveReport } = await import('../../src/host/pages/reportPreview.ts');
const { cliFailed, revealFolder, serverFailed, showProblem } = await import('../../src/host/messages.ts');
const { pickSession, pickSessions } = await import('../../src/host/commands/pickSession.ts');
const { runSession } = await import('../../src/host/commands/runSession.ts');
const { linkTranscript, openLogFolder, stopSession } = await import('../../src/host/commands/sessionCommands.ts');
const { sessionTooltip, treeItem } = await import('../../src/host/views/sessionItems.ts');
const { labelView, notify, statusEntry, withTooltip } = await import('../../src/host/surfaces.ts');
const { Uri, window, workspace } = await import('vscode');

/** What somebody can put into a log, a file's name, a tmux session or a program's last words. */
/** Direction marks and what has no width: alone, and where they would keep a link's halves apart until it is read. */
const MARKS =
  '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u200c\u200d\u2060\u00ad\ufeff\u3164\u180e\u206a\u206f\u2028\u2029';

const ATTACKS: readonly string[] = [
  ...MARKS.split('').map((mark) => `a${mark}gpj.exe [x]${mark}(command:a.b) $${mark}(bell)`),
  '[Open details](command:workbench.action.terminal.new)',
  '[x](command:runCommands?%5B%7B%22commands%22%3A%5B%5D%7D%5D)',
  'npm) [report](command:runCommands?%5B%5D',
  '[x](COMMAND:a.b)',
  '[x](command:a.b "title")',
  "[x](command:a.b 'title')",
  '[x](file:///etc/passwd)',
  '[x](https://example.com/)',
  '[a\nb](command:a.b)',
  '[[x](command:a.b)',
  '](command:a.b)',
  '[x](command:a.b)[y](command:c.d)',
  '$(bell)',
  '\\$(bell)',
  '$(sync~spin)',
  '$(error) Killed by the kernel',
  '$$(bell)',
  '$(a)$(b)',
  '[$(bell)](command:a.b)',
  'a\u{e0041}\u{e0042}',
  'a\u001b[31mred',
  'a\u0000b\u0007',
  'a\u009b31m',
  'a\u2028b\u2029',
  ' [x](command:a.b) '.repeat(200),
  '$(bell)'.repeat(400),
  `${'x'.repeat(1998)}$(bell)`,
  `${'x'.repeat(1996)}[y](command:a.b)`,
];

/** VS Code's own patterns: `linkedText.ts` of notifications, `iconLabels.ts` of labels. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const ICON = /\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/;
const HIDDEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/u;
/** Icons of our own, which stand before the text. */
const OURS = /^\$\((?:hubot|terminal-tmux|terminal|checklist|pulse|warning|error)\) /;

/** What a row is known by and what it does when it is clicked. */
const UNSEEN = ['tree id', 'tree contextValue', 'status bar command'];

beforeEach(() => {
  Object.assign(editor, { shown: [], answers: [], texts: [], files: [], configuration: {} });
});

function assertPlain(attack: string): void {
  assert.ok(editor.shown.length > 0, 'nothing was shown');
  for (const { surface, text } of editor.shown.filter(({ surface }) => !UNSEEN.includes(surface))) {
    const rest = surface === 'quick pick' || surface === 'status bar text' ? text.replace(OURS, '') : text;
    for (const harm of [LINK, ICON, HIDDEN])
      assert.ok(!harm.test(rest), `${JSON.stringify(attack)} in a ${surface}: ${JSON.stringify(text)}`);
  }
}

const FAILED = (why: string): CliResult => ({ ok: false, why });
const cliOf = (result: CliResult): RecorderCli => ({
  path: '',
  run: () => Promise.resolve(result),
  launch: () => Promise.resolve(result),
});
const SESSION = (id: string): SessionRef => ({ root: `/logs/${id}`, id });

function rowOf(text: string): SessionRow {
  return {
    ref: SESSION(text),
    isRunning: false,
    outcome: 'failed',
    cause: undefined,
    title: text,
    agent: 'other',
    startMs: 0,
    durationSeconds: 1,
    anomalyCount: 1,
    criticals: 1,
    warnings: 1,
    suspect: text,
  };
}

const leftOf = (text: string): object => {
  return { pid: 9, start_ticks: 1, parent_pid: 2, comm: text, parent_comm: text, age_seconds: 1, rss_kb: 1 };
};

/** A server that has this text wherever text of a log can be. */
function backendOf(text: string, alert?: (fire: (alert: Alert) => void) => void): Backend {
  const roots = [{ root: text, condition: 'unreadable', part: undefined, code: text, badIndexLines: 0 }];
  const rows = text === '' ? [] : [rowOf(text), rowOf(`${text}2`)];
  const values: Record<string, unknown> = { listSessions: { rows, roots }, overview: { leftovers: [leftOf(text)] } };
  return {
    query: (name: string) => Promise.resolve({ ok: true, value: values[name] }),
    roots: () => Promise.resolve([text]),
    onAlert: (listener: (alert: Alert) => void) => {
      alert?.(listener);
      return { dispose: () => undefined };
    },
  } as unknown as Backend; // what the modules under test ask of it
}

const first = (choices: readonly unknown[]): unknown => choices[0];

/** Every way of a foreign text to a surface. */
const WAYS: { readonly [way: string]: (text: string) => unknown } = {
  'a problem': (text) => showProblem({ what: text, why: text, next: text, action: 'log' }),
  'a failed command': (text) => showProblem(cliFailed(text, text)),
  'a failed server': (text) => showProblem(serverFailed(text)),
  'a message of the server': (text) => notify('info', text),
  'a death': (text) => {
    const death = { type: 'unexpected_death', session: SESSION(text), title: text, verdictSentence: text } as Alert;
    createAlerts(
      backendOf(text, (fire) => fire(death)),
      ACTIONS,
    );
  },
  'an anomaly': (text) => {
    const told = { session: SESSION(text), title: text, kind: 'other', seq: 1, sentence: text } as const;
    const anomaly: Alert = { type: 'critical_anomaly', ...told };
    createAlerts(
      backendOf(text, (fire) => fire(anomaly)),
      ACTIONS,
    );
  },
  'a hang': (text) => {
    const hang: Alert = { type: 'stalled', session: SESSION(text), title: text, sentence: text };
    createAlerts(
      backendOf(text, (fire) => fire(hang)),
      ACTIONS,
    );
  },
  'an incident': (text) => {
    const deaths = { type: 'simultaneous_deaths', incident: SESSION(text), sentence: text } as Alert;
    createAlerts(
      backendOf(text, (fire) => fire(deaths)),
      ACTIONS,
    );
  },
  'a leftover and its end': async (text) => {
    editor.answers.push(first);
    await cleanUpLeftovers(cliOf({ ok: true, stdout: text, json: [leftOf(text)] }), SESSION(text));
    assert.ok(editor.shown.some(({ surface }) => surface === 'modal'));
  },
  'a leftover that stays': (text) => cleanUpLeftovers(cliOf(FAILED(text)), SESSION(text)),
  'a session to pick': (text) => pickSession(backendOf(text), 'Stop Session'),
  'sessions to pick': async (text) => {
    editor.answers.push((choices) => choices.at(-1));
    await pickSessions(backendOf(text), 'Report');
  },
  'a root without sessions': (text) => {
    const backend = backendOf('');
    const query = (): unknown =>
      Promise.resolve({
        ok: true,
        value: { rows: [], roots: [{ root: text, condition: 'unreadable', part: text, code: text }] },
      });
    return pickSession({ ...backend, query } as unknown as Backend, 'Stop Session');
  },
  'a session that is not stopped': (text) => stopSession(cliOf(FAILED(text)), SESSION(text)),
  'a file that is linked': async (text) => {
    editor.files.push([Uri.file(`/w/${text}`)] as never);
    await linkTranscript(cliOf({ ok: true, stdout: text, json: undefined }), SESSION(text));
  },
  'a file that is not linked': async (text) => {
    editor.files.push([Uri.file(`/w/${text}`)] as never);
    await linkTranscript(cliOf(FAILED(text)), SESSION(text));
  },
  'a log folder that is missing': (text) => openLogFolder(backendOf(text), SESSION(text)),
  'a log folder that is revealed': (text) => revealFolder(`/logs/${text}`),
  'a report that is not saved': async (text) => {
    workspaceFolder(text);
    editor.files.push([Uri.file(`/w/${text}`)] as never);
    await saveReport('', [SESSION(text)]);
  },
  'a tmux session and a process to attach to': (text) =>
    attachSession(
      cliOf({ ok: true, stdout: '', json: [{ name: text, socket: text, command: text, panes: 2 }] }),
      backendOf(text),
    ),
  'a folder, an agent and its question': async (text) => {
    workspaceFolder(text, `${text}2`);
    editor.configuration['agents'] = { [text]: [text, '${prompt}'] };
    editor.answers.push(first, first);
    editor.texts.push('do it');
    await runSession(cliOf(FAILED(text)), backendOf(text));
  },
  'a command that throws': async (text) => {
    const refresh = (): never => {
      throw new Error(text);
    };
    registerCommands({ log: { error: () => undefined }, view: { refresh } } as unknown as CommandParts);
    await editor.commands.get('sessionDiagnostics.refreshSessions')?.();
  },
  'a row of the view': (text) => treeItem({ type: 'session', row: rowOf(text) }, 0),
  'the story of a row': (text) => {
    const item = treeItem({ type: 'session', row: rowOf(text) }, 0);
    const line = { topic: 'words', text, quoted: [text], because: [text] } as const;
    withTooltip(item, sessionTooltip(rowOf(text), [line]));
  },
  'an incident of the view': (text) => {
    const row = { ref: SESSION(text), sentence: text, why: text, sessions: [], firstMs: 0 };
    treeItem({ type: 'incident', row } as never, 0);
  },
  'a notice of the view': (text) => treeItem({ type: 'notice', text }, 0),
  'the filter above the view': (text) => {
    const view = window.createStatusBarItem() as unknown as Parameters<typeof labelView>[0]; // keeps what it is given
    labelView(view, text, 1);
  },
  'the status bar': (text) =>
    statusEntry('id', 'name').show({ icon: 'pulse', text, tooltip: text, tone: 'error', command: 'x' }),
};

const ACTIONS = { show: () => undefined, showIncident: () => undefined, exportReport: () => undefined };

function workspaceFolder(...names: readonly string[]): void {
  Object.assign(workspace, { workspaceFolders: names.map((name) => ({ name, uri: Uri.file(`/w/${name}`) })) });
}

for (const [way, show] of Object.entries(WAYS)) {
  test(`${way}: links, icons and direction marks stay text`, async () => {
    for (const attack of ATTACKS) {
      editor.shown.length = 0;
      await show(attack);
      await new Promise((resolve) => setImmediate(resolve));
      assertPlain(attack);
    }
  });
}

test('two texts that are harmless alone make no link together', () => {
  showProblem({ what: 'a [x]', why: '(command:a.b)', next: '' });
  showProblem(cliFailed('See [x', '](command:a.b)'));
  assertPlain('joined');
});

test('what a person is shown of an ordinary text is that text', async () => {
  await notify('info', 'Session fix (3) [wip] costs $5 in ~/logs: «größer» 日本 👍 f(x)[1] and ${HOME}.');
  assert.equal(
    editor.shown[0]?.text,
    'Session fix (3) [wip] costs $5 in ~/logs: «größer» 日本 👍 f(x)[1] and ${HOME}.',
  );
});

test('the table holds more than fifty attacks, and each of them would work in an unguarded place', () => {
  assert.ok(ATTACKS.length >= 50, String(ATTACKS.length));
  const isHarmful = (text: string): boolean => [LINK, ICON, HIDDEN].some((harm) => harm.test(text));
  assert.deepEqual(
    ATTACKS.filter((attack) => !isHarmful(attack) && !attack.startsWith('](') && !attack.startsWith('npm)')),
    [],
  );
});
