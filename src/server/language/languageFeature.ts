import type { Connection, ServerCapabilities } from 'vscode-languageserver/node';
import type { SessionCatalog } from '../panel/sessionCatalog.ts';
import type { FileDigests } from './digests/fileDigests.ts';
import type { LanguageSettings } from './documents/languageSettings.ts';
import type { LogDocuments } from './documents/logDocuments.ts';

export interface LanguageContext {
  readonly documents: LogDocuments;
  readonly catalog: SessionCatalog;
  readonly digests: FileDigests;
  /** The editor is VS Code with our extension: it has the panel, and the commands that lead there. */
  readonly hasHost: boolean;
  /** The newest: ask whenever it matters. */
  readonly settings: LanguageSettings;
  onSettingsChange(listener: () => void): void;
  /** Files of the log roots that changed on disk. */
  onFilesChange(listener: (paths: readonly string[]) => void): void;
}

/** One feature of the language protocol: what it can do, and the handlers that do it. */
export interface LanguageFeature {
  readonly capabilities: ServerCapabilities;
  connect(connection: Connection, context: LanguageContext): void;
}
