import { TextDocumentSyncKind, type Connection, type ServerCapabilities } from 'vscode-languageserver/node';
import { recordOf } from '../../core/words/json.ts';
import type { SessionCatalog } from '../sessionCatalog.ts';
import { codeActionsFeature } from './codeActions.ts';
import { completionFeature } from './configCompletion.ts';
import { fileDigestsOf } from './fileDigests.ts';
import { hoverFeature } from './hover.ts';
import { inlayHintsFeature } from './inlayHints.ts';
import type { LanguageContext, LanguageFeature } from './languageFeature.ts';
import { languageSettingsFrom } from './languageSettings.ts';
import { lensesFeature } from './lenses.ts';
import { linksFeature } from './links.ts';
import { LogDocuments } from './logDocuments.ts';
import { navigationFeature } from './navigation.ts';
import { outlineFeature } from './outline.ts';
import { problemsFeature } from './problems.ts';
import { semanticColoursFeature } from './semanticColours.ts';
import { serverCommandsFeature } from './serverCommands.ts';

const FEATURES: readonly LanguageFeature[] = [
  hoverFeature,
  problemsFeature,
  completionFeature,
  navigationFeature,
  outlineFeature,
  linksFeature,
  inlayHintsFeature,
  semanticColoursFeature,
  lensesFeature,
  codeActionsFeature,
  serverCommandsFeature,
];

export interface LanguageServing {
  readonly capabilities: ServerCapabilities;
  filesChanged(paths: readonly string[]): void;
}

/** Serves the log files themselves to one client; `options` are those of its initialize request. */
export function serveLanguage(
  connection: Connection,
  { catalog, options }: { readonly catalog: SessionCatalog; readonly options: unknown },
): LanguageServing {
  const documents = new LogDocuments();
  const listeners: (() => void)[] = [];
  const fileListeners: ((paths: readonly string[]) => void)[] = [];
  let settings = languageSettingsFrom(options);
  const context: LanguageContext = {
    documents,
    catalog,
    digests: fileDigestsOf(documents),
    hasHost: recordOf(options)?.['hasHost'] === true,
    get settings() {
      return settings;
    },
    onSettingsChange: (listener) => void listeners.push(listener),
    onFilesChange: (listener) => void fileListeners.push(listener),
  };
  documents.listen(connection);
  connection.onDidChangeConfiguration(({ settings: changed }) => {
    settings = languageSettingsFrom(changed);
    for (const listener of listeners) listener();
  });
  for (const feature of FEATURES) feature.connect(connection, context);
  const capabilities: ServerCapabilities = { textDocumentSync: TextDocumentSyncKind.Incremental };
  return {
    capabilities: Object.assign(capabilities, ...FEATURES.map((feature) => feature.capabilities)),
    filesChanged: (paths) => {
      for (const listener of fileListeners) listener(paths);
    },
  };
}
