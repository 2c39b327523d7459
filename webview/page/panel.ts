import { handle, type HostMessage, type ServerState } from '../../src/core/panel/panelProtocol.ts';
import { rootProblem } from '../../src/core/panel/rootWords.ts';
import type { RootStatus } from '../../src/core/panel/serverProtocol.ts';
import type { IncidentRef, IncidentRow } from '../../src/core/panel/incidentView.ts';
import { isSameSession, type SessionRef } from '../../src/core/panel/sessionView.ts';
import { isSamePage, isTold, type PageRef } from '../../src/core/panel/pageRef.ts';
import { ComparePage } from '../compare/comparePage.ts';
import { DocumentPage } from '../document/documentPage.ts';
import { takeDrops } from './drops.ts';
import { History, type Place } from './history.ts';
import { HistoryArrows } from './historyArrows.ts';
import { element, Section, setShown } from '../parts/element.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { IncidentPage } from '../incident/incidentPage.ts';
import { NO_ANSWER, NOT_TRUSTED, noticeElement, rootNotices, SERVER_NOTICES, type Notice } from './notices.ts';
import { panelMemoryFrom, type PanelMemory } from '../timeline/panelMemory.ts';
import { SessionList } from './sessionList.ts';
import { SessionView } from '../session/sessionPage.ts';
import { currentTheme, onThemeChange } from '../parts/theme.ts';
import { button, progressRing } from '../parts/toolkit.ts';
import { Turns } from '../parts/turns.ts';

/** The page: what is wrong at the top, the sessions at the side, the chosen one in the middle. */
export class Panel {
  readonly #link: HostLink;
  readonly #notices = element('div', { class: 'notices' });
  readonly #list: SessionList;
  readonly #main = element('main');
  readonly #welcome: { readonly element: HTMLElement; readonly actions: HTMLElement };
  readonly #loading = progressRing('Reading the sessions');
  readonly #noticeSection: Section<readonly Notice[]>;
  readonly #turns = new Turns();
  readonly #wide = window.matchMedia('(min-width: 900px)');
  #hasSessionsView = false;
  #memory: PanelMemory;
  #isTrusted = true;
  #server: ServerState = 'up';
  #incidents: readonly IncidentRow[] = [];
  #roots: readonly RootStatus[] = [];
  #view: SessionView | undefined;
  #incident: IncidentPage | undefined;
  #page: ComparePage | DocumentPage | undefined;
  readonly #history: History;
  readonly #arrows: HistoryArrows;

  constructor(link: HostLink, page: HTMLElement) {
    this.#link = link;
    this.#memory = panelMemoryFrom(link.state);
    this.#history = new History(this.#memory.history);
    this.#arrows = new HistoryArrows(this.#history, (place) => this.#open(place));
    this.#list = new SessionList({
      onWish: () => void this.#loadList(),
      onSelect: ({ ref }) => this.#select(ref),
      onIncident: (incident) => this.#showIncident(incident),
    });
    takeDrops(page, link);
    this.#noticeSection = new Section(this.#notices, (notices) => notices.map((notice) => noticeElement(notice, link)));
    this.#welcome = welcome(link);
    setShown(this.#welcome.element, false);
    setShown(this.#list.element, false);
    this.#main.append(this.#arrows.element, this.#loading, this.#welcome.element);
    page.append(this.#notices, element('div', { class: 'columns' }, [this.#list.element, this.#main]));
    onThemeChange(() => (this.#view ?? this.#incident ?? this.#page)?.setTheme(currentTheme()));
    // Beside the session there is room for an open list; above it, on a narrow panel, it would push all else away.
    this.#wide.addEventListener('change', () => this.#fitList());
    this.#fitList();
  }

  #fitList(): void {
    this.#list.element.toggleAttribute('open', this.#wide.matches && !this.#hasSessionsView);
  }

  /** The same list twice is one too many: its own folds away, and opens for whoever wants it. */
  #setSessionsView(isVisible: boolean): void {
    if (this.#hasSessionsView === isVisible) return;
    this.#hasSessionsView = isVisible;
    this.#fitList();
  }

  start(): void {
    this.#link.listen((message) => this.#receive(message));
    this.#link.post({ type: 'ready' });
  }

  #receive(received: Exclude<HostMessage, { type: 'reply' }>): void {
    handle<Exclude<HostMessage, { type: 'reply' }>>(
      {
        state: ({ selected, incident, page, seq, isOutput, isTrusted, hasSessionsView = false, server }) => {
          this.#setSessionsView(hasSessionsView);
          this.#setTrust(isTrusted);
          this.#setServer(server);
          if (server === 'off') return; // nothing is asked for: that would start it
          void this.#loadList();
          const session = selected ?? this.#memory.session;
          const wanted = incident ?? (selected === undefined ? this.#memory.incident : undefined);
          const wantedPage = page ?? (selected === undefined ? this.#memory.page : undefined);
          if (wantedPage !== undefined) this.#showPage(wantedPage);
          else if (wanted !== undefined) this.#showIncident(wanted);
          else if (session !== undefined) this.#select(session, seq);
          if (isOutput === true) this.#view?.showOutput();
        },
        sessionsChanged: () => {
          if (this.#server === 'off') return;
          void this.#loadList();
          void this.#incident?.load();
        },
        sessionChanged: ({ change }) => {
          if (isSameSession(this.#memory.session, change.session)) this.#view?.changed(change);
        },
        show: ({ session, seq, isOutput }) => {
          this.#select(session, seq);
          if (isOutput === true) this.#view?.showOutput();
        },
        showIncident: ({ incident }) => this.#showIncident(incident),
        showPage: ({ page }) => this.#showPage(page),
        pageContent: ({ page, content }) => {
          if (this.#page instanceof DocumentPage) this.#page.show(page, content);
        },
        sessionsView: ({ isVisible }) => this.#setSessionsView(isVisible),
        trust: ({ isTrusted }) => this.#setTrust(isTrusted),
        server: ({ state }) => {
          this.#setServer(state);
          if (state !== 'up') return;
          void this.#loadList();
          void this.#view?.load();
        },
      },
      received,
    );
  }

  async #loadList(): Promise<void> {
    await this.#turns.take('list', async () => {
      const reply = await this.#link.query('listSessions', { ...this.#list.wish, offset: 0 });
      setShown(this.#loading, false);
      if (!reply.ok) {
        this.#roots = [];
        this.#showNotices(this.#server === 'up' ? [NO_ANSWER] : []);
        return;
      }
      const page = reply.value;
      this.#roots = page.roots;
      this.#showNotices();
      this.#list.update(page);
      this.#incidents = page.incidents;
      this.#tellIncident();
      setShown(this.#list.element, page.total > 1);
      const isEmpty = (this.#view ?? this.#incident ?? this.#page) === undefined;
      // Where nothing can be read nobody knows whether there are sessions.
      const isReadable = page.roots.some((root) => rootProblem(root) === undefined);
      setShown(this.#welcome.element, page.total === 0 && isEmpty && isReadable);
      const [first] = page.rows;
      if (isEmpty && first !== undefined) this.#select(first.ref);
    });
  }

  #select(session: SessionRef, seq?: number): void {
    const isShown = isSameSession(this.#memory.session, session);
    if (this.#view !== undefined && isShown) {
      if (seq !== undefined) this.#view.standAt(seq);
      return;
    }
    // Lanes and the drawer are a taste and stay; the stretch of time belongs to one session.
    const elsewhere = { span: undefined, isReplay: false, seq: undefined };
    const memory = { ...this.#memory, session, incident: undefined, page: undefined, ...(isShown ? {} : elsewhere) };
    this.#leave();
    const view = new SessionView(this.#link, session, {
      theme: currentTheme(),
      memory,
      onRemember: () => this.#remember(),
      onIncident: (incident) => this.#showIncident(incident),
    });
    this.#view = view;
    this.#arrows.go({ type: 'session', session });
    this.#remember();
    this.#tellIncident();
    setShown(this.#welcome.element, false);
    view.setStale(this.#server !== 'up');
    this.#main.append(view.element);
    this.#list.select(session);
    this.#link.post({ type: 'selected', session });
    void view.load(seq);
  }

  #showIncident(incident: IncidentRef): void {
    if (isSameSession(this.#incident?.incident, incident)) return;
    this.#leave();
    const page = new IncidentPage(this.#link, incident, {
      theme: currentTheme(),
      onSession: (session) => this.#select(session),
    });
    this.#incident = page;
    this.#arrows.go({ type: 'incident', incident });
    this.#memory = { ...this.#memory, session: undefined, incident, page: undefined };
    this.#remember();
    setShown(this.#welcome.element, false);
    this.#main.append(page.element);
    this.#list.select(undefined, incident);
    this.#link.post({ type: 'selected', session: undefined });
    void page.load();
  }

  #showPage(page: PageRef): void {
    if (isSamePage(this.#page?.page, page)) return void this.#page?.load();
    this.#leave();
    const onSession = (session: SessionRef): void => this.#select(session);
    const shown = isTold(page)
      ? new DocumentPage(this.#link, page)
      : new ComparePage(this.#link, page, { theme: currentTheme(), onSession });
    this.#page = shown;
    this.#arrows.go({ type: 'page', page });
    this.#memory = { ...this.#memory, session: undefined, incident: undefined, page };
    this.#remember();
    setShown(this.#welcome.element, false);
    this.#main.append(shown.element);
    this.#list.select(undefined);
    this.#link.post({ type: 'selected', session: undefined });
    void shown.load();
  }

  #open(place: Place): void {
    if (place.type === 'session') this.#select(place.session);
    else if (place.type === 'incident') this.#showIncident(place.incident);
    else this.#showPage(place.page);
  }

  #tellIncident(): void {
    const { session } = this.#memory;
    this.#view?.setIncident(
      this.#incidents.find(({ sessions }) => sessions.some((one) => isSameSession(one, session))),
    );
  }

  #leave(): void {
    this.#view?.dispose();
    this.#view = undefined;
    this.#incident?.dispose();
    this.#incident = undefined;
    this.#page?.dispose();
    this.#page = undefined;
  }

  #remember(): void {
    if (this.#view !== undefined) this.#memory = this.#view.memory;
    this.#memory = { ...this.#memory, history: this.#history.kept };
    this.#link.state = this.#memory;
  }

  #setTrust(isTrusted: boolean): void {
    this.#isTrusted = isTrusted;
    setShown(this.#welcome.actions, isTrusted);
    this.#showNotices();
  }

  #setServer(state: ServerState): void {
    this.#server = state;
    this.#view?.setStale(state !== 'up');
    const isOff = state === 'off';
    setShown(this.#main, !isOff);
    if (isOff) {
      this.#roots = [];
      setShown(this.#list.element, false);
    }
    this.#showNotices();
  }

  #showNotices(problems: readonly Notice[] = []): void {
    const notices: Notice[] = [
      ...problems,
      ...(this.#server === 'up' ? [] : [SERVER_NOTICES[this.#server]]),
      ...(this.#isTrusted ? [] : [NOT_TRUSTED]),
      ...this.#roots.flatMap((root) => rootNotices(root)),
    ];
    setShown(this.#notices, notices.length > 0);
    this.#noticeSection.update(notices);
  }
}

function welcome(link: HostLink): { readonly element: HTMLElement; readonly actions: HTMLElement } {
  const act = (action: 'run' | 'attach') => () => link.post({ type: 'action', action, session: undefined });
  const actions = element('div', { class: 'actions' }, [
    button({ label: 'Run agent session', appearance: 'primary', onClick: act('run') }),
    button({ label: 'Attach to a process', onClick: act('attach') }),
  ]);
  return {
    actions,
    element: element('section', { class: 'welcome' }, [
      element('h1', { text: 'No sessions yet' }),
      element('p', {
        text: 'Run an agent session or attach to a process that is already running. It is recorded with its whole process tree, and this panel shows what happens to it.',
      }),
      actions,
    ]),
  };
}
