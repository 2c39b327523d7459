import type { HostMessage, PanelMessage } from '../../src/core/panel/panelProtocol.ts';
import { hostMessageFrom } from '../../src/core/panel/hostMessages.ts';
import type { Queries, QueryName, QueryReply } from '../../src/core/panel/serverProtocol.ts';

/** What VS Code gives a webview. */
interface VsCodeApi {
  postMessage(message: PanelMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** A server that has to read a large log first takes seconds, not minutes. */
const REPLY_TIMEOUT_MS = 60_000;

/** Whoever answers the page: the extension host, or the page's own file. */
export interface HostLink {
  state: unknown;
  listen(onMessage: (message: Exclude<HostMessage, { type: 'reply' }>) => void): void;
  post(message: PanelMessage): void;
  query<N extends QueryName>(name: N, params: Queries[N]['params']): Promise<QueryReply<N>>;
}

/** Talks to the extension host; queries become promises of typed replies. */
export class EditorLink implements HostLink {
  readonly #api = acquireVsCodeApi();
  readonly #waiting = new Map<number, { resolve: (reply: QueryReply) => void; timer: number }>();
  #lastId = 0;

  listen(onMessage: (message: Exclude<HostMessage, { type: 'reply' }>) => void): void {
    window.addEventListener('message', (event: MessageEvent<unknown>) => {
      const message = hostMessageFrom(event.data);
      if (message === undefined) return;
      if (message.type === 'reply') this.#settle(message.id, message.reply);
      else onMessage(message);
    });
  }

  post(message: PanelMessage): void {
    // VS Code's own function of this name takes no target origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.#api.postMessage(message);
  }

  query<N extends QueryName>(name: N, params: Queries[N]['params']): Promise<QueryReply<N>> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const timer = window.setTimeout(() => {
        this.#settle(id, { ok: false, failure: { kind: 'server_unavailable', detail: 'It did not answer in time.' } });
      }, REPLY_TIMEOUT_MS);
      this.#waiting.set(id, { resolve, timer });
      this.post({ type: 'query', id, name, params } as PanelMessage); // name and params belong together by N
    });
  }

  get state(): unknown {
    return this.#api.getState();
  }

  set state(state: unknown) {
    this.#api.setState(state);
  }

  #settle(id: number, reply: QueryReply): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    window.clearTimeout(waiting.timer);
    waiting.resolve(reply);
  }
}
