import type { Hover } from 'vscode-languageserver/node';
import type { LanguageFeature } from './serveLanguage.ts';

export const hoverFeature: LanguageFeature = {
  capabilities: { hoverProvider: true },
  connect: (connection, { documents }) => {
    connection.onHover(async ({ textDocument }, token): Promise<Hover | undefined> => {
      const document = await documents.load(textDocument.uri, token);
      return document === undefined ? undefined : undefined;
    });
  },
};
