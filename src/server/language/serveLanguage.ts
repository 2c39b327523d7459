import { TextDocumentSyncKind, type Connection, type ServerCapabilities } from 'vscode-languageserver/node';
import type { SessionCatalog } from '../sessionCatalog.ts';
import { fileDigestsOf, type FileDigests } from './fileDigests.ts';
import { hoverFeature } from './hover.ts';
import { inlayHintsFeature } from './inlayHints.ts';
import { languageSettingsFrom, type LanguageSettings } from './languageSettings.ts';
import { linksFeature } from './links.ts';
import { LogDocuments } from './logDocuments.ts';
import { navigationFeature } from './navigation.ts';
import { outlineFeature } from './outline.ts';
import { semanticColoursFeature } from './semanticColours.ts';

export interface LanguageContext {
  readonly documents: LogDocuments;
  readonly catalog: SessionCatalog;
  readonly digests: FileDigests;
  /** The newest: ask whenever it matters. */
  readonly settings: LanguageSettings;
  onSettingsChange(listener: () => void): void;
}

/** One feature of the language protocol: what it can do, and the handlers that do it. */
export interface LanguageFeature {
  readonly capabilities: ServerCapabilities;
  connect(connection: Connection, context: LanguageContext): void;
}

const FEATURES: readonly LanguageFeature[] = [
  hoverFeature,
  navigationFeature,
  outlineFeature,
  linksFeature,
  inlayHintsFeature,
  semanticColoursFeature,
];

/** Serves the log files themselves to one client; `options` are those of its initialize request. */
export function serveLanguage(
  connection: Connection,
  { catalog, options }: { readonly catalog: SessionCatalog; readonly options: unknown },
): ServerCapabilities {
  const documents = new LogDocuments();
  const listeners: (() => void)[] = [];
  let settings = languageSettingsFrom(options);
  const context: LanguageContext = {
    documents,
    catalog,
    digests: fileDigestsOf(documents),
    get settings() {
      return settings;
    },
    onSettingsChange: (listener) => void listeners.push(listener),
  };
  documents.listen(connection);
  connection.onDidChangeConfiguration(({ settings: changed }) => {
    settings = languageSettingsFrom(changed);
    for (const listener of listeners) listener();
  });
  for (const feature of FEATURES) feature.connect(connection, context);
  return Object.assign(
    { textDocumentSync: TextDocumentSyncKind.Incremental },
    ...FEATURES.map(({ capabilities }) => capabilities),
  ) as ServerCapabilities; // the spread of partial capabilities
}
