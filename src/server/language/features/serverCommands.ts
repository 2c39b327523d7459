import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageType, ShowMessageNotification, type Connection } from 'vscode-languageserver/node';
import { cliWords, type CliCall } from '../../../core/words/cliCall.ts';
import { plainText } from '../../../core/words/displayText.ts';
import { integerOf, stringOf } from '../../../core/words/json.ts';
import { TELL_HANDLE_COMMAND } from '../../../core/panel/serverProtocol.ts';
import { isSafeName } from '../../../core/words/sessionId.ts';
import { openHandles } from '../../../logs/handles.ts';
import { moveTornTail } from '../../../logs/lineWriter.ts';
import { logRootAt } from '../../../logs/logRoot.ts';
import { readIndex } from '../../../logs/sessionIndex.ts';
import { isOfAllSessions, missingFromIndex, tornTailOf } from '../documents/damagedFiles.ts';
import { samplesAt } from '../digests/relatedLines.ts';
import type { LanguageContext, LanguageFeature } from '../languageFeature.ts';

/** What lenses and code actions have done here, in whatever editor: each only when a person has chosen it. */
export const SERVER_COMMANDS = {
  goTo: 'sessionDiagnostics.server.goTo',
  tellHandle: TELL_HANDLE_COMMAND,
  moveTornTail: 'sessionDiagnostics.server.moveTornTail',
  healIndex: 'sessionDiagnostics.server.healIndex',
  writeReport: 'sessionDiagnostics.server.writeReport',
} as const;

interface Execution {
  /** What the lens or action was made with; it comes back from the editor, so it is read like any other message. */
  readonly args: readonly unknown[];
  readonly connection: Connection;
  readonly context: LanguageContext;
}

type Handlers = { readonly [name in keyof typeof SERVER_COMMANDS]: (execution: Execution) => Promise<unknown> };

const HANDLERS: Handlers = {
  /** The file, or in a session's folder the line of a sample. */
  goTo: async ({ args: [uri, seq], connection, context }) => {
    const sample = integerOf(seq);
    const target = stringOf(uri) ?? '';
    const [found] =
      sample === undefined ? [] : await samplesAt(target, 'proc_trace.jsonl', { seq: sample, sources: context });
    if (sample !== undefined && found === undefined) {
      tell(connection, MessageType.Info, 'The snapshot of this anomaly is not in proc_trace.jsonl beside it.');
      return;
    }
    const at = { line: found?.line ?? 0, character: 0 };
    await connection.window.showDocument({
      uri: found?.uri ?? target,
      takeFocus: true,
      selection: { start: at, end: at },
    });
  },
  /** Made and written down, so that `locate` finds it, only now. */
  tellHandle: ({ args: [uri, line], connection, context }) => {
    const path = context.documents.documentOf(stringOf(uri) ?? '')?.path;
    const [root] = context.catalog.roots;
    if (path === undefined || root === undefined) return Promise.resolve();
    const handle = openHandles(root).handleOf(path)(integerOf(line) ?? 1);
    if (!context.hasHost) tell(connection, MessageType.Info, handle);
    return Promise.resolve(handle);
  },
  moveTornTail: ({ args: [uri], connection, context }) => {
    const document = context.documents.documentOf(stringOf(uri) ?? '');
    const line = document === undefined ? undefined : tornTailOf(document);
    if (document?.path === undefined || line === undefined) return Promise.resolve();
    const moved = moveTornTail(document.path, isOfAllSessions(document.path));
    const told = moved === '' ? 'It is not torn any more.' : `Its torn last line is in ${document.path}.bad now.`;
    tell(connection, MessageType.Info, told);
    return Promise.resolve();
  },
  /** `recover` is the one that may: it claims each session before it adds its line. What it finishes is sent as well. */
  healIndex: async ({ args: [path], connection, context }) => {
    const root = logRootAt(stringOf(path) ?? '');
    const before = missingFromIndex(root, readIndex(root)).length;
    const { otlpEndpoint: endpoint } = context.settings;
    const { why } = await runCli({ command: 'recover', flags: { 'log-dir': root.path, 'otlp-endpoint': endpoint } });
    const added = before - missingFromIndex(root, readIndex(root)).length;
    // It also fails when another session cannot be recovered; the index may be healed all the same.
    if (added === 0 && why !== undefined) tell(connection, MessageType.Error, `The index was not healed. ${why}`);
    else tell(connection, MessageType.Info, `${added} ${added === 1 ? 'session was' : 'sessions were'} added.`);
  },
  /** For editors without an extension of ours: the report is a file that they open. */
  writeReport: async ({ args: [path, id], connection }) => {
    const name = stringOf(id) ?? '';
    if (!isSafeName(name)) return;
    const out = resolve(`report-${name}.md`);
    const flags = { out, 'log-dir': stringOf(path) ?? '' };
    const { why } = await runCli({ command: 'report', flags, names: [name] });
    if (why !== undefined) tell(connection, MessageType.Error, `The report was not made. ${why}`);
    else await connection.window.showDocument({ uri: pathToFileURL(out).href, takeFocus: true });
  },
};

export const serverCommandsFeature: LanguageFeature = {
  capabilities: { executeCommandProvider: { commands: Object.values(SERVER_COMMANDS) } },
  connect: (connection, context) => {
    connection.onExecuteCommand(async ({ command, arguments: args = [] }) => {
      const name = COMMAND_NAMES.find((known) => SERVER_COMMANDS[known] === command);
      if (name === undefined) return undefined;
      try {
        return await HANDLERS[name]({ args, connection, context });
      } catch (error) {
        // The disk, or its rights: node's own message names the operation and the path.
        tell(connection, MessageType.Error, error instanceof Error ? error.message : String(error));
        return undefined;
      }
    });
  },
};
const COMMAND_NAMES = Object.keys(SERVER_COMMANDS) as (keyof typeof SERVER_COMMANDS)[]; // the table's own keys

/**
 * The one way to show a message. Not `connection.window.show…Message`: these wait for an answer, which not every editor
 * gives. Paths and another program's last words are in it, and editors make links of what looks like one.
 */
function tell(connection: Connection, type: MessageType, message: string): void {
  void connection.sendNotification(ShowMessageNotification.type, { type, message: plainText(message) });
}

const MOST_CLI_MS = 60_000;

/** The command line lies beside the server; `why` it failed is its own last sentence. */
function runCli(call: CliCall): Promise<{ readonly why: string | undefined }> {
  const cli = join(dirname(realpathSync(process.argv[1] ?? '')), 'cli.js');
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...cliWords(call)], { timeout: MOST_CLI_MS }, (error, _, stderr) => {
      const said = stderr.trim().split('\n').at(-1);
      done({ why: error === null ? undefined : said === '' || said === undefined ? error.message : said });
    });
  });
}
