import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '..');

/** The import table of CONTRIBUTING.md: which rooms and packages each room may import. */
const TABLE: Record<string, readonly string[]> = {
  'src/core': ['src/core'],
  'src/agents': ['src/agents', 'src/core', 'node:*'],
  'src/logs': ['src/logs', 'src/core', 'node:*'],
  'src/sessions': ['src/sessions', 'src/core', 'src/agents', 'src/logs', 'node:*'],
  'src/recorder': ['src/recorder', 'src/core', 'src/logs', 'src/sessions', 'node:*', 'pidusage'],
  'src/telemetry': [
    'src/telemetry',
    'src/core',
    'src/logs',
    'src/sessions',
    'src/recorder/proc',
    'node:*',
    'prom-client',
    '@opentelemetry',
    'http-proxy-agent',
    'https-proxy-agent',
  ],
  'src/fleet': ['src/fleet', 'src/core', 'src/telemetry/otlp', 'node:*', '@clickhouse/client', 'hyparquet-writer'],
  'src/mcp': [
    'src/mcp',
    'src/core',
    'src/logs',
    'src/sessions',
    'src/recorder/proc',
    'node:*',
    '@modelcontextprotocol/sdk',
    'jsonc-parser',
    'smol-toml',
  ],
  'src/server': [
    'src/server',
    'src/core',
    'src/agents',
    'src/logs',
    'src/sessions',
    'node:*',
    'vscode-languageserver/node',
    'vscode-languageserver-textdocument',
    'yaml',
  ],
  'src/host': ['src/host', 'src/core', 'node:*', 'vscode', 'vscode-languageclient/node', 'chokidar'],
  'src/cli': [
    'src/cli',
    'src/core',
    'src/agents',
    'src/logs',
    'src/sessions',
    'src/recorder',
    'src/telemetry',
    'src/fleet',
    'src/mcp',
    'src/server',
    'node:*',
  ],
  webview: ['webview', 'src/core', 'chart.js', '@vscode/webview-ui-toolkit'],
};

/** Modules that are a program's entry: nobody imports them. */
const ENTRIES = [
  'src/cli/main.ts',
  'src/cli/traceLibrary.ts',
  'src/host/extension.ts',
  'src/server/main.ts',
  'webview/main.ts',
];

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function sourcesOf(room: string): string[] {
  return filesIn(room).filter((name) => name.endsWith('.ts'));
}

const SOURCES = [...sourcesOf('src'), ...sourcesOf('webview')];

function linesOf(file: string): number {
  return readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^;'"]*?from\s+['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].flatMap((match) => match[1] ?? match[2] ?? []);
}

function targetOf(file: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier;
}

function isAllowed(target: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) =>
    entry === 'node:*' ? target.startsWith('node:') : target === entry || target.startsWith(`${entry}/`),
  );
}

/**
 * The rooms inside the rooms: which of their neighbours each may import, beside itself. Core's go downwards only: words, then
 * privacy and session, then anomalies, death and failures, then find, story and compare, then fields, report and panel.
 */
const SUB_ROOMS: Record<string, readonly string[]> = {
  'src/core/words': [],
  'src/core/privacy': ['words'],
  'src/core/session': ['words'],
  'src/core/anomalies': ['words', 'privacy', 'session'],
  'src/core/death': ['words', 'privacy', 'session'],
  'src/core/failures': ['words', 'privacy', 'session'],
  'src/core/find': ['words', 'session', 'failures'],
  'src/core/story': ['words', 'privacy', 'session', 'anomalies', 'death', 'failures'],
  'src/core/fields': ['words', 'privacy', 'session', 'anomalies', 'death', 'failures'],
  'src/core/report': ['words', 'privacy', 'session', 'anomalies', 'death', 'failures'],
  'src/core/panel': ['words', 'privacy', 'session', 'anomalies', 'death', 'failures', 'find', 'story', 'compare'],
  'src/core/compare': ['words', 'privacy', 'session'],
  'src/sessions/machine': [],
  'src/sessions/unrecorded': ['machine', 'readTranscript.ts'],
  'src/recorder/proc': [],
  'src/recorder/run': ['proc'],
  'src/recorder/coroner': ['proc'],
  'src/recorder/session': ['proc', 'run', 'coroner'],
  'src/recorder/watch': ['proc', 'run', 'coroner', 'session'],
  'src/telemetry/metrics': [],
  'src/telemetry/otlp': [],
  'src/server/panel': ['resolveRoots.ts'],
  'src/server/language': ['panel', 'resolveRoots.ts'],
  'src/server/language/documents': [],
  'src/server/language/digests': ['documents'],
  'src/server/language/problems': ['documents', 'digests', 'languageFeature.ts'],
  'src/server/language/features': ['documents', 'digests', 'problems', 'languageFeature.ts'],
  'webview/parts': [],
  'webview/timeline': ['parts'],
  'webview/session': ['parts', 'timeline'],
  'webview/incident': ['parts', 'timeline'],
  'webview/compare': ['parts', 'timeline'],
  'webview/document': ['parts'],
  'webview/page': ['parts', 'timeline', 'session', 'incident', 'compare', 'document'],
};

/** Rooms without a hall: every file of theirs lies in a sub-room. */
const WITHOUT_HALL = ['src/core', 'src/recorder', 'src/telemetry'];

/** Files of one name in two rooms, each with the reason why a reader is not misled. */
const TWINS: Record<string, string> = {
  'main.ts': "a program's entry",
  'patterns.ts': 'a command bears the name of what it prints',
  'report.ts': 'a command bears the name of what it prints',
  'verdict.ts': 'a command bears the name of what it prints',
};

const CLOSURE = 'a closure that keeps state for its short functions, each of which is a function of its own';
/** Functions over 60 lines, each with the reason why it is not several. */
const LONG_FUNCTIONS: Record<string, string> = {
  'src/host/backend.ts createBackend': CLOSURE,
  'src/host/commands/commands.ts registerCommands': 'a table: one handler for each command',
  'src/host/rootWatcher.ts createRootWatcher': CLOSURE,
  'src/host/serverLink.ts startServer': CLOSURE,
  'src/host/views/panelTab.ts createSessionPanel': CLOSURE,
  'src/host/views/sessionsView.ts createSessionsView': CLOSURE,
  'src/logs/cappedLog.ts openCappedLog': CLOSURE,
  'src/logs/memoryWriter.ts createMemoryWriter': CLOSURE,
  'src/logs/runningSession.ts openRunningSession': CLOSURE,
  'src/telemetry/metrics/metricsReader.ts createMetricsReader': CLOSURE,
  'src/telemetry/metrics/metricsRegistry.ts createMetrics': 'a table: one definition for each metric',
  'webview/session/sessionPage.ts constructor': 'makes the parts of the page and joins them, once',
};

const MOST_LINES = 300;
function strangersIn(room: string, allows: (target: string) => boolean): string[] {
  return sourcesOf(room).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => !allows(targetOf(file, specifier)))
      .map((specifier) => `${file} imports ${specifier}`),
  );
}

for (const [room, allowed] of Object.entries(TABLE)) {
  test(`${room} imports only ${allowed.join(', ')}`, () => {
    assert.deepEqual(
      strangersIn(room, (target) => isAllowed(target, allowed) && !ENTRIES.includes(target)),
      [],
    );
  });
}

for (const [room, neighbours] of Object.entries(SUB_ROOMS)) {
  test(`${room} imports only ${['itself', ...neighbours].join(', ')} of its own room`, () => {
    const around = dirname(room);
    const allowed = [room, ...neighbours.map((neighbour) => join(around, neighbour))];
    assert.deepEqual(
      strangersIn(room, (target) => !target.startsWith(`${around}/`) || isAllowed(target, allowed)),
      [],
    );
  });
}

test('a file lies in a sub-room where its room has them, and each sub-room says what lives there', () => {
  const halls = WITHOUT_HALL.flatMap((room) => sourcesOf(room).filter((file) => dirname(file) === room));
  assert.deepEqual(halls, []);
  const silent = Object.keys(SUB_ROOMS).filter((room) => {
    const lines = existsSync(join(ROOT, room, 'README.md')) ? linesOf(join(room, 'README.md')) : 0;
    return lines < 5 || lines > 20;
  });
  assert.deepEqual(silent, []);
});

test('no file imports itself by way of others, be it a type alone', () => {
  const waiting = new Map(SOURCES.map((file) => [file, importsOf(file).map((name) => targetOf(file, name))]));
  for (let before = 0; before !== waiting.size;) {
    before = waiting.size;
    for (const [file, targets] of waiting) if (!targets.some((target) => waiting.has(target))) waiting.delete(file);
  }
  assert.deepEqual([...waiting.keys()], [], 'a circle, and whoever imports it');
});

test('two rooms have no file of one name, so that a name says which file is meant', () => {
  const names = SOURCES.map((file) => basename(file));
  const twins = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  assert.deepEqual([...twins].toSorted(), Object.keys(TWINS).toSorted());
});

test('a folder has at most 30 files: more is a hall in which nobody finds anything', () => {
  const counts = new Map<string, number>();
  for (const file of ['src', 'webview', 'test'].flatMap((top) => filesIn(top))) {
    counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  }
  const crowded = [...counts].filter(([, count]) => count > 30);
  assert.deepEqual(crowded, []);
});

test(`a file has at most ${MOST_LINES} lines, and a function 60 unless a reason is listed`, () => {
  const others = [...filesIn('webview'), ...filesIn('src')].filter((file) => /\.(css|c|h)$/.test(file));
  const long = [...SOURCES, ...others].filter((file) => linesOf(file) > MOST_LINES);
  assert.deepEqual(long, []);
  assert.deepEqual(SOURCES.flatMap(longFunctionsIn).toSorted(), Object.keys(LONG_FUNCTIONS).toSorted());
});

const OPENING = /(?:\)(?:: .*)?|=>) \{$/;
const STATEMENT = /^\s*(?:\} )?(?:if|else|for|while|switch|catch)\b/;
/** By the formatter's indentation: a function ends at the first brace that stands as far left as its beginning. */
function longFunctionsIn(file: string): string[] {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  return lines.flatMap((line, start) => {
    if (!OPENING.test(line) || STATEMENT.test(line)) return [];
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const closing = `${indent}}`;
    const length = lines.slice(start + 1).findIndex((next) => next.startsWith(closing)) + 2;
    if (length <= 60) return [];
    // A signature of several lines begins at the last line that stands as far left.
    const signature = lines
      .slice(0, start + 1)
      .findLast((one) => one.startsWith(indent) && /^\w.*\(/.test(one.slice(indent.length)));
    return `${file} ${/(\w+)(?:<[^(]*>)?\(/.exec(signature ?? '')?.[1] ?? signature}`;
  });
}

/** The paths of sources that a recipe of CONTRIBUTING.md names. */
function recipeOf(task: string): string[] {
  const row = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| ${task} `));
  assert.ok(row !== undefined, `no recipe: ${task}`);
  return [...row.matchAll(/`((?:src|webview)\/[^`]+)`/g)].flatMap((match) => match[1] ?? []);
}

/** One word that stands for all: the files which its like has to be written into. */
const RECIPES = { 'add a cause of death': 'heap_limit', "read another agent's transcript": 'codewhale' };
for (const [task, word] of Object.entries(RECIPES)) {
  test(`who wants to ${task} finds each file that changes in CONTRIBUTING.md, and no other`, () => {
    const naming = SOURCES.filter((file) => new RegExp(`\\b${word}\\b`).test(readFileSync(join(ROOT, file), 'utf8')));
    assert.deepEqual(recipeOf(task).toSorted(), naming.toSorted());
  });
}

test('every file that a recipe names is there', () => {
  const text =
    readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8') + readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const paths = [...text.matchAll(/`((?:src|webview|test|media)\/[\w./-]+)`/g)].flatMap((match) => match[1] ?? []);
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(ROOT, path))),
    [],
  );
  assert.ok(paths.length > 30, 'the pattern finds the paths that there are');
});

/** Who may judge, join or read a transcript outside of the room that does, each with its reason. */
const ANSWERING: Record<string, string> = {
  'src/recorder/session/sessionRecorder.ts': 'tells the others of a death at once, before any log is read',
  'src/server/panel/sessionReader.ts': 'reads on where it was: the failures of an account that has some',
};

test('what became of a session, and what failed in it, is answered in one room', () => {
  const answers = /\b(summaryVerdict|verdictFrom|failuresFrom|createTranscriptAnalyzer|joinEvidence|judgeDeath)\(/;
  const others = SOURCES.filter((file) => !/^src\/(core|agents|sessions)\//.test(file));
  const answering = others.filter((file) => linesWith(answers, [file]).length > 0);
  assert.deepEqual(answering, Object.keys(ANSWERING));
});

test("a command's id is made of its name in one place, so that a name that is none does not compile", () => {
  const inWords = /['"`]sessionDiagnostics\.(?:server\.)?(?:[a-z]+[A-Z]\w*|attach)['"`]/;
  const sources = SOURCES.filter((file) => !file.endsWith('serverCommands.ts') && !file.endsWith('serverProtocol.ts'));
  assert.deepEqual(
    linesWith(inWords, sources).filter((line) => !line.includes("'setContext'")),
    [],
  );
});

test('the webview toolkit, no longer developed, is imported in exactly one file', () => {
  const importers = sourcesOf('webview').filter((file) =>
    importsOf(file).some((specifier) => specifier.startsWith('@vscode/webview-ui-toolkit')),
  );
  assert.ok(importers.length <= 1, importers.join(', '));
});

test('core is pure: it reads no clock, no process and no random numbers', () => {
  const impure =
    /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|(?<!['.])process\.|globalThis\.|setTimeout|setInterval)/;
  const culprits = sourcesOf('src/core').filter((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .some((line) => impure.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line)),
  );
  assert.deepEqual(culprits, []);
});

/** Lines of code, comments left out, that hold the pattern. */
function linesWith(pattern: RegExp, files: readonly string[]): string[] {
  return files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line) && !/^\s*(\/\/|\*|\/\*|import )/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
}

test("the editor's own surfaces are reached through one file, where text is made plain", () => {
  const ways =
    /show(Information|Warning|Error|Notification)Message|[sS]howQuickPick|createQuickPick|showInputBox|createInputBox|withProgress|MarkdownString|new TreeItem\b|createStatusBarItem|setStatusBarMessage|\.(tooltip|description|message|badge|placeholder|prompt) = |supportHtml|isTrusted: true|supportThemeIcons/;
  const others = sourcesOf('src/host').filter((file) => file !== 'src/host/surfaces.ts');
  assert.deepEqual(linesWith(ways, others), []);
  assert.ok(linesWith(ways, ['src/host/surfaces.ts']).length > 5, 'the pattern finds the ways that there are');
});

test('the language server shows a message in one place, where text is made plain', () => {
  const ways = /\.window\.(show(?!Document)|create|attach)|ShowMessage(Notification|Request)|logMessage/;
  const found = linesWith(ways, sourcesOf('src/server'));
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0] ?? '', /plainText\(message\)/);
});

test('the command line is started with words that no name and no value can turn into a flag', () => {
  const starts = linesWith(/\b(spawn|execFile|fork|ProcessExecution)\(/, [
    ...sourcesOf('src/host'),
    ...sourcesOf('src/server'),
  ]);
  const ours = starts.filter((line) => line.includes('process.execPath'));
  assert.equal(ours.length, 5, starts.join('\n'));
  for (const line of ours) assert.match(line, /\.\.\.(cliWords\(call\)|words|args)\]/);
  const callers = linesWith(/\b(finished|launched)\(path, /, sourcesOf('src/host'));
  for (const line of callers) assert.match(line, /cliWords\(call\)/);
});
