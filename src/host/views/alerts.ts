import type { Disposable } from 'vscode';
import { displayText } from '../../core/words/displayText.ts';
import type { IncidentRef } from '../../core/panel/incidentView.ts';
import type { Alert } from '../../core/panel/serverProtocol.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import type { Backend } from '../backend.ts';
import { setting } from '../settings.ts';
import { notify } from '../surfaces.ts';

const SHOW = 'Show on Timeline';
const EXPORT = 'Export Report';
const SHOW_INCIDENT = 'Show Incident';

export interface AlertActions {
  readonly show: (session: SessionRef, seq: number | undefined) => void;
  readonly showIncident: (incident: IncidentRef) => void;
  readonly exportReport: (session: SessionRef) => void;
}

/** Interrupts a person for a bad end, a hang or a critical anomaly; the server tells each of them once. */
export function createAlerts(backend: Backend, actions: AlertActions): Disposable {
  return backend.onAlert((alert) => {
    if (setting('notifications')) void interrupt(alert, actions);
  });
}

async function interrupt(alert: Alert, actions: AlertActions): Promise<void> {
  if (alert.type === 'simultaneous_deaths') {
    const chosen = await notify('warning', displayText(alert.sentence, 300), SHOW_INCIDENT);
    if (chosen === SHOW_INCIDENT) actions.showIncident(alert.incident);
    return;
  }
  const seq = alert.type === 'critical_anomaly' ? alert.seq : undefined;
  const chosen = await notify('warning', alertText(alert), SHOW, EXPORT);
  if (chosen === SHOW) actions.show(alert.session, seq);
  if (chosen === EXPORT) actions.exportReport(alert.session);
}

function alertText(alert: Exclude<Alert, { readonly type: 'simultaneous_deaths' }>): string {
  const said = alert.type === 'unexpected_death' ? alert.verdictSentence : alert.sentence;
  return `${displayText(alert.title, 80)}: ${displayText(said, 400)}`;
}
