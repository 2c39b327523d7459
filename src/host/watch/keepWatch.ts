import { Disposable, EventEmitter, workspace, type Event } from 'vscode';
import { watchStatusFrom, type WatchStatus } from '../../core/session/watchStatus.ts';
import { recordingFlags } from '../commands/runSession.ts';
import { createKeptProcess } from '../keptProcess.ts';
import { explicitSetting, setting } from '../settings.ts';
import { SECTION, type Settings } from '../settingsTable.ts';

export interface KeptWatch extends Disposable {
  /** What it says of itself; `undefined` where this window runs none. */
  readonly status: () => WatchStatus | undefined;
  readonly onChange: Event<void>;
}

export interface KeptWatchOptions {
  readonly cliPath: string;
  readonly home: string;
  readonly log: (line: string) => void;
}

/** Agents that end between two windows are told of less exactly: the other one looks this often. */
const RETRY_MS = 30_000;

const OF_IT: readonly (keyof Settings)[] = [
  'enabled',
  'watchAgents',
  'watchExcept',
  'logDirectory',
  'samplingInterval',
  'maxSessions',
  'protect',
  'otlpEndpoint',
];

/** Records every agent of this user while the editor lives and `watchAgents` is on. */
export function keepWatch({ cliPath, home, log }: KeptWatchOptions): KeptWatch {
  const changed = new EventEmitter<void>();
  let status: WatchStatus | undefined;
  const kept = createKeptProcess({
    cliPath,
    log,
    retryMs: RETRY_MS,
    failed: 'Agents could not be watched',
    ended: 'The watch for agents ended.',
    onMessage: (message) => {
      status = message === undefined ? undefined : watchStatusFrom(message);
      changed.fire();
    },
  });
  const apply = (): void => {
    const isOn = setting('enabled') && setting('watchAgents') && process.platform === 'linux';
    const logDirectory = explicitSetting('logDirectory') ?? '';
    const flags = {
      ...recordingFlags(),
      'log-dir': logDirectory || undefined,
      except: setting('watchExcept'),
      'max-sessions': setting('maxSessions'),
    };
    // Every agent of the user: never by what a workspace's own configuration says.
    kept.serve(isOn ? { command: 'watch', flags } : undefined, home);
  };
  // Activation starts no process.
  const timer = setTimeout(apply, 0);
  const parts = Disposable.from(
    workspace.onDidChangeConfiguration((event) => {
      if (OF_IT.some((name) => event.affectsConfiguration(`${SECTION}.${name}`))) apply();
    }),
    new Disposable(() => clearTimeout(timer)),
    kept,
    changed,
  );
  return { status: () => status, onChange: changed.event, dispose: () => parts.dispose() };
}
