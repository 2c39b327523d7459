import { SemanticTokensBuilder, type CancellationToken, type SemanticTokens } from 'vscode-languageserver/node';
import { fieldSeverity, JUDGED_FIELDS } from '../../../core/fields/fieldSeverity.ts';
import { SEVERITIES } from '../../../core/words/vocabulary.ts';
import { createYield } from '../documents/cooperativeYield.ts';
import { fieldFinder } from '../documents/fieldsIn.ts';
import { isLineKind } from '../documents/fileKind.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import type { LanguageFeature } from '../languageFeature.ts';

/** The legend, in the order of SEVERITIES; VS Code's package.json says which colours of a theme these are. */
const TOKEN_TYPES = SEVERITIES.map((severity) => `${severity}Severity`);

const judgedFields = fieldFinder(JUDGED_FIELDS.join('|'));

export const semanticColoursFeature: LanguageFeature = {
  capabilities: {
    semanticTokensProvider: { legend: { tokenTypes: TOKEN_TYPES, tokenModifiers: [] }, full: true, range: true },
  },
  connect: (connection, { documents }) => {
    connection.languages.semanticTokens.on(async ({ textDocument: { uri } }, token) => {
      const document = await documents.load(uri, token);
      return document === undefined ? NONE : await tokensOf(document, [0, document.lineCount - 1], token);
    });
    connection.languages.semanticTokens.onRange(async ({ textDocument: { uri }, range }, token) => {
      const document = await documents.load(uri, token);
      return document === undefined ? NONE : await tokensOf(document, [range.start.line, range.end.line], token);
    });
  },
};

const NONE: SemanticTokens = { data: [] };

async function tokensOf(
  document: LogDocument,
  [firstLine, lastLine]: readonly [number, number],
  token: CancellationToken,
): Promise<SemanticTokens> {
  if (!isLineKind(document.kind)) return NONE; // coloured as JSON and YAML
  const builder = new SemanticTokensBuilder();
  const yieldNow = createYield(token);
  for (let line = firstLine; line <= lastLine && line < document.lineCount; line += 1) {
    for (const { name, value, span } of judgedFields(document.lineAt(line))) {
      const severity = fieldSeverity(name, value);
      if (severity === undefined) continue;
      builder.push(line, span.start, span.end - span.start, SEVERITIES.indexOf(severity), 0);
    }
    if (!(await yieldNow())) return NONE;
  }
  return builder.build();
}
