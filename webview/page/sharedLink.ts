import type { HostMessage, PanelMessage } from '../../src/core/panel/panelProtocol.ts';
import type { Queries, QueryName, QueryReply } from '../../src/core/panel/serverProtocol.ts';
import { SHARED_PAGE_ID, sharedAnswers, type SharedPage } from '../../src/core/panel/sharedPage.ts';
import type { HostLink } from '../parts/hostLink.ts';

/** What the page's file holds; `undefined` in the editor. */
export function sharedPageIn(page: Document): SharedPage | undefined {
  const held = page.getElementById(SHARED_PAGE_ID)?.textContent;
  return held === undefined ? undefined : (JSON.parse(held) as SharedPage); // written with the page, by our own program
}

/** In the place of the host: the file answers, and nothing can be done to a session that is elsewhere. */
export class SharedLink implements HostLink {
  readonly #answer: ReturnType<typeof sharedAnswers>;
  #onMessage: ((message: Exclude<HostMessage, { type: 'reply' }>) => void) | undefined;
  state: unknown;

  constructor(page: SharedPage) {
    this.#answer = sharedAnswers(page, () => Date.now());
    followColours();
  }

  listen(onMessage: (message: Exclude<HostMessage, { type: 'reply' }>) => void): void {
    this.#onMessage = onMessage;
  }

  post(message: PanelMessage): void {
    if (message.type !== 'ready') return;
    const seen = { selected: undefined, incident: undefined, seq: undefined };
    this.#onMessage?.({ type: 'state', ...seen, isTrusted: true, server: 'up' });
  }

  query<N extends QueryName>(name: N, params: Queries[N]['params']): Promise<QueryReply<N>> {
    return Promise.resolve(this.#answer(name, params));
  }
}

/** What VS Code tells a webview of its theme, a browser tells by its preference. */
function followColours(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const follow = (): void => {
    document.body.classList.toggle('vscode-dark', dark.matches);
    document.body.classList.toggle('vscode-light', !dark.matches);
  };
  dark.addEventListener('change', follow);
  follow();
}
