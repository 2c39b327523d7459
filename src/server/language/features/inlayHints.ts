import type { InlayHint } from 'vscode-languageserver/node';
import { humanBytes, humanKb, humanSeconds } from '../../../core/words/humanUnits.ts';
import { msFromIso } from '../../../core/words/time.ts';
import { createYield } from '../documents/cooperativeYield.ts';
import { fieldFinder, type PlacedField } from '../documents/fieldsIn.ts';
import { isLineKind } from '../documents/fileKind.ts';
import type { LanguageFeature } from '../languageFeature.ts';
import { sessionStartMs } from '../documents/sessionStart.ts';

/** A screen has some tens of lines; whoever asks for a whole file gets its beginning. */
const MOST_LINES = 500;
/** A tree of a thousand processes is one line. */
const MOST_ON_LINE = 200;

export const inlayHintsFeature: LanguageFeature = {
  capabilities: { inlayHintProvider: true },
  connect: (connection, context) => {
    const { documents } = context;
    connection.languages.inlayHint.on(async ({ textDocument: { uri }, range: { start, end } }, token) => {
      if (!context.settings.logFileInlayHints) return undefined;
      const document = await documents.load(uri, token);
      if (document === undefined || !isLineKind(document.kind)) return undefined;
      const startMs = sessionStartMs(document);
      const yieldNow = createYield(token);
      const hints: InlayHint[] = [];
      const lastLine = Math.min(end.line, document.lineCount - 1, start.line + MOST_LINES);
      for (let line = start.line; line <= lastLine; line += 1) {
        for (const field of hintedFields(document.lineAt(line)).slice(0, MOST_ON_LINE)) {
          const label = labelOf(field, startMs);
          if (label === undefined) continue;
          hints.push({ position: { line, character: field.span.end }, label, paddingLeft: true });
        }
        if (!(await yieldNow())) return undefined;
      }
      return hints;
    });
    context.onSettingsChange(() => {
      // A client that cannot be asked to ask again shows them with the next edit or scroll.
      connection.languages.inlayHint.refresh().catch(() => undefined);
    });
  },
};

const TIMES: ReadonlySet<string> = new Set(['ts', 'captured_at', 'timestamp', 'start_ts', 'end_ts', 'enrolled_at']);
const hintedFields = fieldFinder(String.raw`\w+_(?:kb|bytes|seconds)|${[...TIMES].join('|')}`);

function labelOf({ name, value }: PlacedField, startMs: number | undefined): string | undefined {
  if (TIMES.has(name)) {
    const ms = msFromIso(value);
    if (ms === undefined || startMs === undefined) return undefined;
    return `${ms < startMs ? '−' : '+'}${humanSeconds(Math.abs(ms - startMs) / 1000)}`;
  }
  if (typeof value !== 'number') return undefined;
  if (name.endsWith('_kb')) return value < 1024 ? undefined : humanKb(value);
  if (name.endsWith('_bytes')) return value < 1024 ? undefined : humanBytes(value);
  return value < 60 ? undefined : humanSeconds(value);
}
