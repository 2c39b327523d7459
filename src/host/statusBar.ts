import { Disposable, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { SessionsChanged } from '../core/serverProtocol.ts';
import type { Backend } from './backend.ts';

/** How many sessions run and the worst that is wrong with them; absent while nothing runs. */
export function createStatusBar(backend: Backend): Disposable {
  const item = window.createStatusBarItem('sessionDiagnostics.status', StatusBarAlignment.Left, 0);
  item.name = 'Session Diagnostics';
  item.command = 'sessionDiagnostics.openPanel';
  const show = ({ running, worst }: SessionsChanged): void => {
    if (running === 0) {
      item.hide();
      return;
    }
    const icon = worst === 'critical' ? 'error' : worst === 'warning' ? 'warning' : 'pulse';
    const sessions = running === 1 ? 'session' : 'sessions';
    item.text = `$(${icon}) ${running} ${sessions}`;
    item.tooltip = `${running} agent ${sessions} running${worst === undefined ? '' : `, worst anomaly: ${worst}`}`;
    item.accessibilityInformation = { label: item.tooltip, role: 'button' };
    item.backgroundColor =
      worst === 'critical'
        ? new ThemeColor('statusBarItem.errorBackground')
        : worst === 'warning'
          ? new ThemeColor('statusBarItem.warningBackground')
          : undefined;
    item.show();
  };
  const listener = backend.onSessionsChanged((change) => (change === undefined ? undefined : show(change)));
  return Disposable.from(item, listener);
}
