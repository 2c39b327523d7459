import { window, type Disposable, type Uri } from 'vscode';
import { linkedMoment, type LinkedMoment } from '../core/words/sessionLink.ts';
import { displayText } from '../core/words/displayText.ts';
import type { SessionRef } from '../core/panel/sessionView.ts';
import type { Backend } from './backend.ts';
import { showProblem } from './messages.ts';
import type { SessionPanel } from './views/panelTab.ts';

/** Links of the editor's own scheme: a session of a root that this window has, by its id, and a time. Never a path. */
export function registerLinks(backend: Backend, panel: Pick<SessionPanel, 'show'>): Disposable {
  return window.registerUriHandler({
    handleUri: async (uri: Uri) => {
      const linked = linkedMoment(uri.path, uri.query);
      const session = linked && (await ownSession(backend, linked.id));
      if (linked === undefined || session === undefined) return showProblem(notHere(linked));
      panel.show(session, await seqAt(backend, session, linked.atMs));
    },
  });
}

async function ownSession(backend: Backend, id: string): Promise<SessionRef | undefined> {
  for (const root of await backend.roots()) {
    const reply = await backend.query('place', { session: { root, id } });
    if (reply.ok) return { root, id };
  }
  return undefined;
}

async function seqAt(backend: Backend, session: SessionRef, atMs: number | undefined): Promise<number | undefined> {
  if (atMs === undefined) return undefined;
  const reply = await backend.query('moment', { session, seq: undefined, atMs, pick: 'nearest' });
  return reply.ok ? reply.value.seq : undefined;
}

function notHere(linked: LinkedMoment | undefined) {
  if (linked === undefined) {
    return {
      what: 'The link was not followed.',
      why: 'It names no session as links of Session Diagnostics do.',
      next: 'Copy it again from where it was shown.',
    };
  }
  return {
    what: `The session ${displayText(linked.id, 60)} was not shown.`,
    why: 'It is in none of the log folders of this window.',
    next: 'Open the folder that it was recorded for, or add its log folder in the settings.',
  };
}
