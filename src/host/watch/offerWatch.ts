import { ConfigurationTarget, workspace, type Memento } from 'vscode';
import type { SessionRow } from '../../core/panel/sessionView.ts';
import { showProblem } from '../messages.ts';
import { setting } from '../settings.ts';
import { SECTION } from '../settingsTable.ts';
import { notify, tell } from '../surfaces.ts';

const OFFERED_KEY = 'watchOffered';
const RECORD = 'Record Every Agent';

/** After the second agent that died and that nobody recorded; never again after that, whatever the answer. */
export function offerWatch(memory: Memento, rows: readonly SessionRow[]): void {
  const died = rows.filter(
    ({ logOnly, outcome }) => logOnly !== undefined && (outcome === 'died' || outcome === 'lost'),
  );
  const isOffered = memory.get(OFFERED_KEY) === true || setting('watchAgents') || process.platform !== 'linux';
  if (died.length < 2 || isOffered || !setting('notifications')) return;
  void memory.update(OFFERED_KEY, true);
  void ask(died.length);
}

async function ask(count: number): Promise<void> {
  const question = `${count} agents have died here, and nobody recorded them. Every agent of yours can be recorded from its start, whoever starts it, while the editor is open.`;
  if ((await notify('info', question, RECORD)) === RECORD) await watchAgents();
}

export async function watchAgents(): Promise<void> {
  if (process.platform !== 'linux') {
    return showProblem({
      what: 'Agents cannot be watched for here.',
      why: 'They are found through /proc, which Linux alone has.',
      next: 'Run an agent from here, or attach to one that runs.',
    });
  }
  await workspace.getConfiguration(SECTION).update('watchAgents', true, ConfigurationTarget.Global);
  tell('Every agent of yours is recorded from now on while the editor is open. The setting watchAgents turns it off.');
}
