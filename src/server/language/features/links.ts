import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CancellationToken, DocumentLink, Range } from 'vscode-languageserver/node';
import { integerOf, recordOf, stringOf } from '../../../core/words/json.ts';
import { placeOf, type Span } from '../../../core/fields/jsonPlaces.ts';
import { locateHandle } from '../../../logs/handles.ts';
import { logRootAt, type LogRoot } from '../../../logs/logRoot.ts';
import { findSession } from '../../../logs/sessionFiles.ts';
import { createYield } from '../documents/cooperativeYield.ts';
import { fieldFinder, type PlacedField } from '../documents/fieldsIn.ts';
import type { LogFileKind } from '../documents/fileKind.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { logPlaceOf, sessionFilesIn } from '../documents/logPlace.ts';
import { placedText } from '../documents/placedText.ts';
import { samplesAt } from '../digests/relatedLines.ts';
import type { LanguageContext, LanguageFeature } from '../languageFeature.ts';

/** Editors keep every link of a file: of a file with more, the definition of a line leads to the same place. */
const MOST_LINKS = 5000;

/** A link whose target is looked for when somebody follows it: the line of a sample in a file of any size. */
interface SampleLink {
  readonly dir: string;
  readonly seq: number;
}

export const linksFeature: LanguageFeature = {
  capabilities: { documentLinkProvider: { resolveProvider: true } },
  connect: (connection, context) => {
    const { documents, digests, catalog } = context;
    connection.onDocumentLinks(async ({ textDocument: { uri } }, token) => {
      const document = await documents.load(uri, token);
      return document === undefined ? undefined : await linksOf(document, context, token);
    });
    connection.onDocumentLinkResolve(async (link) => {
      const sample = sampleLinkFrom(link.data);
      if (sample === undefined) return link;
      const sources = { digests, catalog };
      const [found] = await samplesAt(sample.dir, 'proc_trace.jsonl', { seq: sample.seq, sources });
      return found === undefined ? link : { ...link, target: `${found.uri}#L${found.line + 1}` };
    });
  },
};

function sampleLinkFrom(data: unknown): SampleLink | undefined {
  const record = recordOf(data);
  const dir = stringOf(record?.['dir']);
  const seq = integerOf(record?.['seq']);
  // What comes back from an editor leads to a trace or nowhere.
  return dir === undefined || seq === undefined ? undefined : { dir, seq };
}

async function linksOf(
  document: LogDocument,
  { catalog }: LanguageContext,
  token: CancellationToken,
): Promise<DocumentLink[] | undefined> {
  const { path, kind } = document;
  if (path === undefined) return undefined;
  const { dir, root } = logPlaceOf(path, catalog);
  if (kind === 'summary') return summaryLinks(document, root);
  const linkOf = LINE_LINKS[kind];
  if (linkOf === undefined) return undefined;
  const yieldNow = createYield(token);
  const links: DocumentLink[] = [];
  for (let line = 0; line < document.lineCount && links.length < MOST_LINKS; line += 1) {
    links.push(...linkOf(document.lineAt(line), { line, dir }));
    if (!(await yieldNow())) return undefined;
  }
  return links;
}

interface LinePlace {
  readonly line: number;
  readonly dir: string;
}

const indexFields = fieldFinder('dir_name|claude_code_log');
const sessionFields = fieldFinder('session_id');
const summaryFields = fieldFinder('claude_code_log|transcript|handle');

const LINE_LINKS: { readonly [kind in LogFileKind]?: (text: string, place: LinePlace) => DocumentLink[] } = {
  anomalies: (text, { line, dir }) => {
    const span = placeOf(text, ['seq'])?.value;
    const seq = span === undefined ? undefined : integerOf(Number(text.slice(span.start, span.end)));
    if (span === undefined || seq === undefined || !existsSync(join(dir, 'proc_trace.jsonl'))) return [];
    const data: SampleLink = { dir, seq };
    return [{ range: onLine(line, span), tooltip: 'Go to the snapshot', data }];
  },
  session_index: (text, { line, dir }) =>
    indexFields(text).flatMap((field) =>
      field.name === 'claude_code_log' ? transcriptLink(field, line) : sessionLink(field, { line, dir }),
    ),
  lifecycle: (text, { line, dir }) => sessionFields(text).flatMap((field) => sessionLink(field, { line, dir })),
};

function sessionLink({ value, span }: PlacedField, { line, dir }: LinePlace): DocumentLink[] {
  const session = findSession(logRootAt(dir), stringOf(value) ?? '');
  const [first] = session === undefined ? [] : sessionFilesIn(session.dir);
  if (first === undefined) return [];
  return [{ range: onLine(line, span), target: pathToFileURL(first).href, tooltip: 'Go to the session' }];
}

function transcriptLink({ value, span }: PlacedField, line: number): DocumentLink[] {
  const path = stringOf(value) ?? '';
  if (!existsSync(path)) return [];
  return [{ range: onLine(line, span), target: pathToFileURL(path).href, tooltip: 'Go to the transcript' }];
}

/** To the transcript, and to the line of it that each failure stands for. */
function summaryLinks(document: LogDocument, root: LogRoot | undefined): DocumentLink[] {
  const placed = placedText(document, 0);
  if (placed === undefined) return [];
  // All failures of a session are in one transcript: it is looked up once.
  const located = new Map<string, string | undefined>();
  const links: DocumentLink[] = [];
  for (const { name, value, span } of summaryFields(placed.text).slice(0, MOST_LINKS)) {
    const [source = '', line] = name === 'handle' ? String(value).split(':L') : [String(value)];
    if (name === 'handle' && !located.has(source)) {
      located.set(source, root === undefined ? undefined : locateHandle(root, String(value))?.path);
    }
    const path = name === 'handle' ? located.get(source) : source;
    if (path === undefined || !existsSync(path)) continue;
    links.push({
      range: placed.rangeOf(span),
      target: `${pathToFileURL(path).href}${line === undefined ? '' : `#L${line}`}`,
      tooltip: line === undefined ? 'Go to the transcript' : 'Go to the failure',
    });
  }
  return links;
}

function onLine(line: number, { start, end }: Span): Range {
  return { start: { line, character: start }, end: { line, character: end } };
}
