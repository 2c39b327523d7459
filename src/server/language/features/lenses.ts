import { pathToFileURL } from 'node:url';
import { commandId } from '../../../core/words/commandNames.ts';
import type { CodeLens, Command } from 'vscode-languageserver/node';
import { integerOf, recordOf } from '../../../core/words/json.ts';
import { sampleSections } from '../../../core/fields/sampleSections.ts';
import type { SessionRef } from '../../../core/panel/sessionView.ts';
import { isOpenRule } from '../../../core/words/ruleNames.ts';
import { kindWords, ruleWords } from '../../../core/words/vocabularyWords.ts';
import { logRootAt } from '../../../logs/logRoot.ts';
import { findSession } from '../../../logs/sessionFiles.ts';
import { locatedEpisodes } from '../digests/fileDigests.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { logPlaceOf, sessionFilesIn } from '../documents/logPlace.ts';
import type { LanguageContext, LanguageFeature } from '../languageFeature.ts';
import { SERVER_COMMANDS } from './serverCommands.ts';
import { traceEpisodes } from '../digests/traceEpisodes.ts';

/** An editor lays out every lens of a file; beyond these, links and definitions lead to the same places. */
const MOST_LENSES = 1000;

/** What one does with a place of a log, above it: only where something happened, not above each of its lines. */
export const lensesFeature: LanguageFeature = {
  capabilities: { codeLensProvider: {} },
  connect: (connection, context) => {
    connection.onCodeLens(async ({ textDocument: { uri } }, token) => {
      const document = await context.documents.load(uri, token);
      if (document?.path === undefined) return undefined;
      return (await lensesOf(document, document.path, context)).slice(0, MOST_LENSES);
    });
  },
};

async function lensesOf(document: LogDocument, path: string, context: LanguageContext): Promise<readonly CodeLens[]> {
  switch (document.kind) {
    case 'proc_trace':
    case 'tree':
      return await ofSamples(document, path, context);
    case 'anomalies':
      return await ofAnomalies(document, path, context);
    case 'lifecycle':
      return await ofEvents(document, path, context);
    case 'session_index':
      return await ofIndex(document, path, context);
    case 'summary':
      return sessionLenses(logPlaceOf(path, context.catalog).session, context).map((command) => lens(0, command));
    case 'transcript':
    case 'devboy_trace':
      return await ofTranscript(document, context);
    case 'devboy_meta':
    case 'config':
      return [];
  }
}

async function ofSamples(document: LogDocument, path: string, context: LanguageContext): Promise<readonly CodeLens[]> {
  const { session } = logPlaceOf(path, context.catalog);
  const seqs = (await context.digests.seqs.ofDocument(document)) ?? [];
  const sections = sampleSections(seqs, await traceEpisodes(document, context.digests)).filter(
    ({ episodes }) => episodes.length > 0,
  );
  return sections.flatMap(({ firstLine, episodes }) => {
    const kinds = [...new Set(episodes.map(({ kind }) => kindWords(kind)))].join(', ');
    return timeline(session, seqs[firstLine], context).map((show) =>
      lens(firstLine, { ...show, title: `${show.title}: ${kinds}` }),
    );
  });
}

async function ofAnomalies(
  document: LogDocument,
  path: string,
  context: LanguageContext,
): Promise<readonly CodeLens[]> {
  const { dir, session } = logPlaceOf(path, context.catalog);
  const anomalies = (await context.digests.anomalies.ofDocument(document)) ?? [];
  return locatedEpisodes(anomalies).flatMap(({ episode: { first_seq }, lines: [line = 0] }) => [
    ...timeline(session, first_seq, context).map((show) => lens(line, show)),
    lens(line, { title: 'Go to the snapshot', command: SERVER_COMMANDS.goTo, arguments: [dir, first_seq] }),
  ]);
}

async function ofEvents(document: LogDocument, path: string, context: LanguageContext): Promise<readonly CodeLens[]> {
  const place = logPlaceOf(path, context.catalog);
  const events = (await context.digests.events.ofDocument(document)) ?? [];
  const marked = events.filter(({ event }) => event === 'anomaly_detected' || event === 'session_death_detected');
  return marked.slice(0, MOST_LENSES).flatMap(({ line, session: id }) => {
    const session = place.session ?? shownSession(place.dir, id, context);
    const seq = integerOf(recordOf(document.recordAt(line)?.['context'])?.['seq']);
    return timeline(session, seq, context).map((show) => lens(line, show));
  });
}

/** The newest are at the end, and what people look for. */
async function ofIndex(document: LogDocument, path: string, context: LanguageContext): Promise<readonly CodeLens[]> {
  const { dir } = logPlaceOf(path, context.catalog);
  const sessions = (await context.digests.sessions.ofDocument(document)) ?? [];
  return sessions.slice(-MOST_LENSES / 2).flatMap(({ line, session: id }) => {
    const place = findSession(logRootAt(dir), id);
    const [first] = place === undefined ? [] : sessionFilesIn(place.dir);
    if (first === undefined) return [];
    const goTo = { title: 'Go to the session', command: SERVER_COMMANDS.goTo, arguments: [pathToFileURL(first).href] };
    return [...timeline(shownSession(dir, id, context), undefined, context), goTo].map((command) =>
      lens(line, command),
    );
  });
}

async function ofTranscript(document: LogDocument, context: LanguageContext): Promise<readonly CodeLens[]> {
  if (context.catalog.roots.length === 0) return []; // handles are kept in a log root
  const facts = await context.digests.transcripts.ofDocument(document);
  // What is open at the end has not failed: the agent may be at it.
  const failures = (facts?.failures ?? []).filter(({ rule }) => !isOpenRule(rule));
  return failures.map(({ line, rule }) =>
    lens(line - 1, {
      title: `${ruleWords(rule)} · Copy handle`,
      command: SERVER_COMMANDS.tellHandle,
      arguments: [document.uri, line],
    }),
  );
}

/** A session by the name that a file of the root has for it, when the panel can show it. */
function shownSession(root: string, id: string, { catalog }: LanguageContext): SessionRef | undefined {
  return catalog.rootAt(root) !== undefined && findSession(logRootAt(root), id) !== undefined
    ? { root, id }
    : undefined;
}

/** Only VS Code has the panel. */
export function timeline(
  session: SessionRef | undefined,
  seq: number | undefined,
  { hasHost }: LanguageContext,
): readonly Command[] {
  if (session === undefined || !hasHost) return [];
  const args = seq === undefined ? [session] : [session, seq];
  return [{ title: 'Show on timeline', command: commandId('showOnTimeline'), arguments: args }];
}

export function sessionLenses(session: SessionRef | undefined, context: LanguageContext): readonly Command[] {
  if (session === undefined) return [];
  const title = 'Export bug report';
  const report = context.hasHost
    ? { title, command: commandId('exportReport'), arguments: [session] }
    : { title, command: SERVER_COMMANDS.writeReport, arguments: [session.root, session.id] };
  return [...timeline(session, undefined, context), report];
}

function lens(line: number, command: Command): CodeLens {
  return { range: { start: { line, character: 0 }, end: { line, character: 0 } }, command };
}
