import { languages, workspace, type Disposable, type TextDocument } from 'vscode';
import { explicitSetting, setting } from './settings.ts';

/**
 * Files that may be part of the layout or an agent's transcript, whatever language the editor takes them for. The server
 * looks into them and is silent about those that are not.
 */
export const LOG_FILES = [
  '**/*.jsonl',
  '**/session_lifecycle.log*',
  '**/{stdout,stderr}.log',
  '**/{summary,meta}.json',
  '**/chats/session-*.json',
  '**/.autoskillit/config.yaml',
].map((pattern) => ({ scheme: 'file', pattern }));

/** Starts the server when the first such file is looked at; those of the last window are open already. */
export function startOnLogFile(start: () => void): Disposable {
  const look = (document: TextDocument): void => {
    if (setting('enabled') && languages.match(LOG_FILES, document) > 0) start();
  };
  workspace.textDocuments.forEach(look);
  return workspace.onDidOpenTextDocument(look);
}

/** What the server has to know of the user's choices; only what was set explicitly goes before the workspace's file. */
export function logFileSettings(): { readonly [name: string]: string | number | boolean | object | undefined } {
  return {
    logFileProblems: setting('logFileProblems'),
    logFileInlayHints: setting('logFileInlayHints'),
    otlpEndpoint: setting('otlpEndpoint'),
    enabled: explicitSetting('enabled'),
    samplingInterval: explicitSetting('samplingInterval'),
    logDirectory: explicitSetting('logDirectory'),
    agentLogs: setting('agentLogs'),
  };
}
