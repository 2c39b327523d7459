import { displayText } from '../../src/core/words/displayText.ts';
import type { PanelAction, ServerState } from '../../src/core/panel/panelProtocol.ts';
import { rootProblem } from '../../src/core/panel/rootWords.ts';
import type { RootStatus } from '../../src/core/panel/serverProtocol.ts';
import { element } from '../parts/element.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { button } from '../parts/toolkit.ts';

/** What is wrong with everything that the page shows, above all of it. */
export interface Notice {
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  /** The way out, as a button beside it. */
  readonly way?: { readonly label: string; readonly action: PanelAction };
}

const RESTART = { label: 'Restart', action: 'restartServer' } as const;
export const NO_ANSWER: Notice = {
  severity: 'error',
  text: 'The part that reads the logs does not answer.',
  way: RESTART,
};

export const SERVER_NOTICES: { readonly [S in Exclude<ServerState, 'up'>]: Notice } = {
  down: {
    severity: 'error',
    text: 'The part that reads the logs has stopped: nothing here is live any more. Sessions go on being recorded.',
    way: RESTART,
  },
  off: {
    severity: 'info',
    text: 'Session Diagnostics is switched off by the setting sessionDiagnostics.enabled.',
    way: { label: 'Open settings', action: 'openSettings' },
  },
};

export const NOT_TRUSTED: Notice = {
  severity: 'info',
  text: 'This workspace is not trusted: sessions can be looked at, but none can be run, attached to or cleaned up from here, and its .autoskillit/config.yaml is not read.',
};

export function noticeElement({ severity, text, way }: Notice, link: HostLink): HTMLElement {
  const act = (action: PanelAction) => () => link.post({ type: 'action', action, session: undefined });
  return element(
    'p',
    { class: `notice notice-${severity}`, attributes: { role: severity === 'error' ? 'alert' : 'status' } },
    [element('span', { text }), ...(way === undefined ? [] : [button({ label: way.label, onClick: act(way.action) })])],
  );
}

export function rootNotices(root: RootStatus): readonly Notice[] {
  const { condition, badIndexLines } = root;
  const name = displayText(root.root, 300);
  const problem = rootProblem(root);
  const notices: Notice[] = problem === undefined ? [] : [{ severity: 'error', text: problem }];
  if (condition === 'missing') {
    const text = `The log folder ${name} does not exist yet. It is made with the first session.`;
    notices.push({ severity: 'info', text });
  }
  if (badIndexLines > 0) {
    const lines = badIndexLines === 1 ? 'line' : 'lines';
    notices.push({
      severity: 'warning',
      text: `${badIndexLines} damaged ${lines} of sessions.jsonl in ${name} were skipped.`,
    });
  }
  return notices;
}
