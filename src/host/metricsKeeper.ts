import { Disposable, workspace } from 'vscode';
import { createMetricsProcess } from './metricsProcess.ts';
import { explicitSetting, setting } from './settings.ts';
import { SECTION } from './settingsTable.ts';

export interface MetricsServerOptions {
  readonly cliPath: string;
  readonly home: string;
  readonly log: (line: string) => void;
}

/** Serves Prometheus metrics while `metricsPort` is set. Of several windows the first serves. */
export function createMetricsServer({ cliPath, home, log }: MetricsServerOptions): Disposable {
  const process = createMetricsProcess({ cliPath, log });
  const apply = (): void => {
    const port = setting('enabled') ? setting('metricsPort') : 0;
    const logDirectory = explicitSetting('logDirectory') ?? '';
    const flags = { port, 'log-dir': logDirectory || undefined };
    // In the workspace's folder the command line finds the workspace's own log directory, if we may believe it.
    const folder = workspace.isTrusted
      ? workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')
      : undefined;
    process.serve(port === 0 ? undefined : { command: 'metrics', flags }, folder?.uri.fsPath ?? home);
  };
  // Activation starts no process.
  const timer = setTimeout(apply, 0);
  return Disposable.from(
    workspace.onDidChangeConfiguration((event) => {
      const isOurs = ['enabled', 'metricsPort', 'logDirectory'].some((name) =>
        event.affectsConfiguration(`${SECTION}.${name}`),
      );
      if (isOurs) apply();
    }),
    workspace.onDidGrantWorkspaceTrust(apply),
    new Disposable(() => clearTimeout(timer)),
    process,
  );
}
