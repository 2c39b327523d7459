import { CodeActionKind, type CodeAction, type Command, type Range } from 'vscode-languageserver/node';
import { integerOf, recordOf } from '../../../core/words/json.ts';
import { missingFromIndex, rootOfIndex, tornTailOf } from '../documents/damagedFiles.ts';
import { sessionLenses, timeline } from './lenses.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { logPlaceOf } from '../documents/logPlace.ts';
import type { LanguageContext, LanguageFeature } from '../languageFeature.ts';
import { SERVER_COMMANDS } from './serverCommands.ts';

/** Neither a fix nor a change of the text: what one does with the place. */
const GO_KIND = 'sessionDiagnostics';

export const codeActionsFeature: LanguageFeature = {
  capabilities: { codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, GO_KIND] } },
  connect: (connection, context) => {
    connection.onCodeAction(async ({ textDocument: { uri }, range, context: { only } }, token) => {
      const document = await context.documents.load(uri, token);
      if (document?.path === undefined) return undefined;
      const at = { range, context };
      const actions = [...(await fixes(document, document.path, at)), ...goings(document, document.path, at)];
      return actions.filter(({ kind }) => only === undefined || only.some((wanted) => isWithin(kind, wanted)));
    });
  },
};

interface ActionPlace {
  readonly range: Range;
  readonly context: LanguageContext;
}

/** What changes files; never done by itself. */
async function fixes(
  document: LogDocument,
  path: string,
  { range, context }: ActionPlace,
): Promise<readonly CodeAction[]> {
  const found: Command[] = [];
  const torn = tornTailOf(document);
  if (torn !== undefined && range.end.line >= torn) {
    const title = 'Move the torn last line into a .bad file beside this one';
    found.push({ title, command: SERVER_COMMANDS.moveTornTail, arguments: [document.uri] });
  }
  const root = document.kind === 'session_index' ? rootOfIndex(path) : undefined;
  const indexed = root === undefined ? [] : ((await context.digests.sessions.ofDocument(document)) ?? []);
  const known = new Set(indexed.map(({ session }) => session));
  const missing = root === undefined ? 0 : missingFromIndex(root, known).length;
  if (root !== undefined && missing > 0) {
    const title = `Heal the index: add ${missing === 1 ? 'the session' : `${missing} sessions`} that it misses`;
    found.push({ title, command: SERVER_COMMANDS.healIndex, arguments: [root.path] });
  }
  return found.map((command) => ({ title: command.title, kind: CodeActionKind.QuickFix, command }));
}

/** On any line, where a lens above each would be in the way. */
function goings(document: LogDocument, path: string, { range, context }: ActionPlace): readonly CodeAction[] {
  const { session } = logPlaceOf(path, context.catalog);
  const record = document.recordAt(range.start.line);
  const seq = integerOf(record?.['seq']) ?? integerOf(recordOf(record?.['context'])?.['seq']);
  const [show, ...others] = sessionLenses(session, context);
  const at = seq === undefined ? [] : timeline(session, seq, context);
  const commands = at.length === 0 && show !== undefined ? [show, ...others] : [...at, ...others];
  return commands.map((command) => ({ title: command.title, kind: GO_KIND, command }));
}

function isWithin(kind: string | undefined, wanted: string): boolean {
  return kind === wanted || kind?.startsWith(`${wanted}.`) === true;
}
