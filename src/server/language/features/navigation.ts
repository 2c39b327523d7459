import type { Location, TextDocumentPositionParams } from 'vscode-languageserver/node';
import { relatedLines, type LogLine, type RelatedLines } from '../digests/relatedLines.ts';
import type { LanguageFeature } from '../languageFeature.ts';

/** From an anomaly to its snapshot, from a result to its call, from the index to the session, and back. */
export const navigationFeature: LanguageFeature = {
  capabilities: { definitionProvider: true, referencesProvider: true },
  connect: (connection, { documents, digests, catalog }) => {
    const related = async ({
      textDocument,
      position,
    }: TextDocumentPositionParams): Promise<RelatedLines | undefined> => {
      const document = await documents.load(textDocument.uri);
      return document === undefined ? undefined : await relatedLines(document, position.line, { digests, catalog });
    };
    connection.onDefinition(async (params) => (await related(params))?.definitions.map(locationOf));
    connection.onReferences(async (params) => (await related(params))?.references.map(locationOf));
  },
};

function locationOf({ uri, line }: LogLine): Location {
  return { uri, range: { start: { line, character: 0 }, end: { line, character: 0 } } };
}
