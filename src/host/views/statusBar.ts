import { Disposable } from 'vscode';
import { commandId } from '../../core/words/commandNames.ts';
import type { SessionsChanged } from '../../core/panel/serverProtocol.ts';
import { watchCost, type WatchStatus } from '../../core/session/watchStatus.ts';
import type { Backend } from '../backend.ts';
import type { KeptWatch } from '../watch/keepWatch.ts';
import { statusEntry, type StatusText, type Tone } from '../surfaces.ts';

/** How many sessions run and the worst that is wrong with them, and whether agents are watched for; absent without both. */
export function createStatusBar(backend: Backend, watch: KeptWatch): Disposable {
  const entry = statusEntry('sessionDiagnostics.status', 'Session Diagnostics');
  let last: SessionsChanged | undefined;
  const show = (): void => {
    const { running = 0, worst } = last ?? {};
    if (backend.state() === 'down') entry.show(DOWN);
    else entry.show(textOf(backend.state() === 'up' ? running : 0, worst, watch.status()));
  };
  const sessions = backend.onSessionsChanged((change) => {
    last = change ?? last;
    if (change !== undefined) show();
  });
  return Disposable.from(entry, sessions, backend.onState(show), watch.onChange(show));
}

const DOWN: StatusText = {
  icon: 'warning',
  text: 'Sessions are not read',
  tooltip: 'The language server has stopped. Click to restart it; sessions go on being recorded.',
  tone: 'warning',
  command: commandId('restartServer'),
};

function textOf(
  running: number,
  worst: SessionsChanged['worst'],
  watch: WatchStatus | undefined,
): StatusText | undefined {
  const watched = watch === undefined ? '' : `Every agent is recorded from its start: ${watchCost(watch)}.`;
  const command = commandId('openPanel');
  if (running === 0) {
    return watch && { icon: 'eye', text: 'Watching', tooltip: watched, tone: 'info', command };
  }
  const [icon, tone]: readonly [string, Tone] =
    worst === 'critical' ? ['error', 'error'] : worst === 'warning' ? ['warning', 'warning'] : ['pulse', 'info'];
  const sessions = running === 1 ? 'session' : 'sessions';
  const tooltip = `${running} agent ${sessions} running${worst === undefined ? '' : `, worst anomaly: ${worst}`}`;
  return {
    icon,
    text: `${running} ${sessions}`,
    tooltip: watched === '' ? tooltip : `${tooltip}. ${watched}`,
    tone,
    command,
  };
}
