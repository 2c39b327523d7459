import { TextDocumentSyncKind, type Connection, type ServerCapabilities } from 'vscode-languageserver/node';
import { recordOf } from '../../core/words/json.ts';
import type { SessionCatalog } from '../panel/sessionCatalog.ts';
import { codeActionsFeature } from './features/codeActions.ts';
import { completionFeature } from './features/configCompletion.ts';
import { fileDigestsOf } from './digests/fileDigests.ts';
import { hoverFeature } from './features/hover.ts';
import { inlayHintsFeature } from './features/inlayHints.ts';
import type { LanguageContext, LanguageFeature } from './languageFeature.ts';
import { languageSettingsFrom } from './documents/languageSettings.ts';
import { lensesFeature } from './features/lenses.ts';
import { linksFeature } from './features/links.ts';
import { LogDocuments } from './documents/logDocuments.ts';
import { navigationFeature } from './features/navigation.ts';
import { outlineFeature } from './features/outline.ts';
import { problemsFeature } from './problems/problems.ts';
import { semanticColoursFeature } from './features/semanticColours.ts';
import { serverCommandsFeature } from './features/serverCommands.ts';

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

interface LanguageParts {
  readonly catalog: SessionCatalog;
  readonly options: unknown;
  /** As they came: others read theirs out of them. */
  readonly onSettings?: (settings: unknown) => void;
}

/** Serves the log files themselves to one client; `options` are those of its initialize request. */
export function serveLanguage(
  connection: Connection,
  { catalog, options, onSettings = () => undefined }: LanguageParts,
): LanguageServing {
  const documents = new LogDocuments();
  const listeners: (() => void)[] = [];
  const fileListeners: ((paths: readonly string[]) => void)[] = [];
  let settings = languageSettingsFrom(options);
  const context: LanguageContext = {
    documents,
    catalog,
    digests: fileDigestsOf(documents, () => catalog.roots),
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
    onSettings(changed);
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
