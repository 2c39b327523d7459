import { MarkupKind, type Hover, type Position } from 'vscode-languageserver/node';
import { meaningAt, type FieldMeaning, type FieldMeanings } from '../../../core/fields/fieldMeaning.ts';
import { fieldWords } from '../../../core/fields/fieldWords.ts';
import { parseJson, recordOf, type JsonRecord } from '../../../core/words/json.ts';
import { placeAt, type JsonPath, type JsonPlace } from '../../../core/fields/jsonPlaces.ts';
import { configHover } from './configHover.ts';
import { FIELDS } from '../documents/fields.ts';
import type { LogFileKind } from '../documents/fileKind.ts';
import { localTime } from '../documents/localTime.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { placedText } from '../documents/placedText.ts';
import type { LanguageFeature } from '../languageFeature.ts';
import { sessionStartMs } from '../documents/sessionStart.ts';

export const hoverFeature: LanguageFeature = {
  capabilities: { hoverProvider: true },
  connect: (connection, context) => {
    connection.onHover(async ({ textDocument, position }, token): Promise<Hover | undefined> => {
      const document = await context.documents.load(textDocument.uri, token);
      if (document === undefined) return undefined;
      return document.kind === 'config'
        ? configHover(document, position, context.settings)
        : fieldHover(document, position);
    });
  },
};

const TRANSCRIPT_TIME: FieldMeaning = { form: 'instant', meaning: 'When the agent wrote this line.' };

/** Agents’ own logs have forms of their own; times and exit codes read alike in all of them. */
const TRANSCRIPT_FIELDS: FieldMeanings = {
  timestamp: TRANSCRIPT_TIME,
  ts: TRANSCRIPT_TIME,
  time: TRANSCRIPT_TIME,
  started_at: { form: 'instant', meaning: 'When it began.' },
  exit_code: { form: 'exit_code', meaning: 'Exit code of the command.' },
  exitCode: { form: 'exit_code', meaning: 'Exit code of the command.' },
};

function fieldHover(document: LogDocument, position: Position): Hover | undefined {
  const placed = placedText(document, position.line);
  const offset = placed?.offsetAt(position);
  const place = placed === undefined || offset === undefined ? undefined : placeAt(placed.text, offset);
  if (placed === undefined || place === undefined) return undefined;
  const { name, path } = fieldOf(place.path);
  const meaning = meaningOf(document.kind, name, path);
  if (meaning === undefined) return undefined;
  const words = wordsAt(document, placed.text, { place, name, meaning });
  const span = { start: (place.key ?? place.value).start, end: place.value.end };
  return {
    contents: { kind: MarkupKind.Markdown, value: markdownOf(name, meaning, words) },
    range: placed.rangeOf(span),
  };
}

/** An element of a list of values is explained as its field. */
function fieldOf(path: JsonPath): { readonly name: string; readonly path: JsonPath } {
  const depth = path.findLastIndex((part) => typeof part === 'string');
  return { name: String(path[depth] ?? ''), path: path.slice(0, depth + 1) };
}

function meaningOf(kind: LogFileKind, name: string, path: JsonPath): FieldMeaning | undefined {
  if (kind === 'config') return undefined;
  return kind === 'transcript' ? meaningAt(TRANSCRIPT_FIELDS, [name]) : meaningAt(FIELDS[kind], path);
}

interface Found {
  readonly place: JsonPlace;
  readonly name: string;
  readonly meaning: FieldMeaning;
}

function wordsAt(document: LogDocument, text: string, { place, name, meaning }: Found): string | undefined {
  const value = parseJson(text.slice(place.value.start, place.value.end));
  if (!value.ok) return undefined;
  // Few are told together with their neighbours, and a transcript's line may be megabytes long.
  const needsRecord = meaning.form === 'oom_score' || name === 'reason';
  const record = needsRecord ? recordAround(text, place.path) : {};
  const startMs = meaning.form === 'instant' ? sessionStartMs(document) : undefined;
  return fieldWords(name, meaning, value.value, { record, startMs, localTime });
}

/** The record that a field belongs to. */
function recordAround(text: string, path: JsonPath): JsonRecord {
  const whole = parseJson(text);
  return recordOf(path.slice(0, -1).reduce(memberOf, whole.ok ? whole.value : undefined)) ?? {};
}

function memberOf(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function markdownOf(name: string, meaning: Omit<FieldMeaning, 'form'>, words: string | undefined): string {
  const { source, unreadable, trap } = meaning;
  return [
    `**${name}**${words === undefined ? '' : ` — ${words}`}`,
    meaning.meaning,
    ...(trap === undefined ? [] : [`*Mind:* ${trap}`]),
    ...(source === undefined ? [] : [`*From:* ${source.replaceAll('<', '&lt;')}`]),
    ...(unreadable === undefined ? [] : [`*When it cannot be read:* ${unreadable}`]),
  ].join('\n\n');
}
