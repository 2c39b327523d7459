import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { handle, panelMessageFrom, type HostMessage, type PanelMessage } from '../../src/core/panel/panelProtocol.ts';
import type { ServerNotifications } from '../../src/core/panel/serverProtocol.ts';
import type { PageContent } from '../../src/core/panel/pageContent.ts';
import type { PageRef } from '../../src/core/panel/pageRef.ts';
import type { IncidentRef } from '../../src/core/panel/incidentView.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import { answerQuery } from '../../src/server/panel/answerQuery.ts';
import { ChangeReporter } from '../../src/server/panel/changeReporter.ts';
import { SessionCatalog } from '../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../src/server/panel/sessionReaders.ts';
import { installedBrowser, launchBrowser } from '../rig/browser.ts';
import { THEMES, type ThemeName } from './themes.ts';

const DIST = join(import.meta.dirname, '../../dist');
const NONCE = 'harness';

export function browserPath(): string | undefined {
  const browser = installedBrowser();
  return 'path' in browser ? browser.path : undefined;
}

/** Stands in for VS Code's own script: hands messages to the test, which plays the host. */
const VS_CODE_API = `globalThis.acquireVsCodeApi = () => ({
  postMessage: (message) => void globalThis.toHost(message),
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
  setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
});`;

export interface PanelOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  readonly selected?: SessionRef;
  readonly seq?: number;
  readonly incident?: IncidentRef;
  readonly page?: PageRef;
  /** What a told page says. */
  readonly content?: PageContent;
  readonly isTrusted?: boolean;
  /** Device pixels per CSS pixel; the width is divided by it, as zooming does. */
  readonly zoom?: number;
}

/** The built webview in a real browser, with the real server behind it and the test as its host. */
export class PanelHarness {
  readonly #http: Server;
  readonly #browser: Browser;
  readonly #origin: string;

  private constructor(http: Server, browser: Browser, origin: string) {
    this.#http = http;
    this.#browser = browser;
    this.#origin = origin;
  }

  static async start(): Promise<PanelHarness> {
    const path = browserPath();
    if (path === undefined) throw new Error('no Chromium or Chrome is installed');
    const http = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const file = { '/webview.js': 'text/javascript', '/webview.css': 'text/css' }[url.pathname];
      if (file !== undefined) response.setHeader('content-type', file).end(readFileSync(join(DIST, url.pathname)));
      else response.setHeader('content-type', 'text/html').end(pageFor(url.searchParams.get('theme') ?? 'dark'));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const address = http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new PanelHarness(http, await launchBrowser(path), `http://127.0.0.1:${address.port}`);
  }

  async open(roots: readonly string[], options: PanelOptions = {}): Promise<OpenPanel> {
    const { theme = 'dark', width = 1280, height = 900, zoom = 1 } = options;
    const context = await this.#browser.newContext({
      viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
      deviceScaleFactor: zoom,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const panel = new OpenPanel(page, roots, options);
    await panel.load(`${this.#origin}/?theme=${theme}`);
    return panel;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

export class OpenPanel {
  readonly page: Page;
  readonly messages: PanelMessage[] = [];
  /** What the page reported itself: errors of scripts and violations of its policy. */
  readonly complaints: string[] = [];
  readonly #catalog = new SessionCatalog();
  readonly #readers = new SessionReaders(this.#catalog);
  readonly #reporter: ChangeReporter;
  readonly #options: PanelOptions;
  #selected: SessionRef | undefined;
  #isReady = false;

  constructor(page: Page, roots: readonly string[], options: PanelOptions) {
    this.page = page;
    this.#options = options;
    this.#selected = options.selected;
    const forward: { readonly [M in keyof ServerNotifications]: (params: ServerNotifications[M]) => void } = {
      'sessionDiagnostics/sessionsChanged': () => this.post({ type: 'sessionsChanged' }),
      'sessionDiagnostics/sessionChanged': (change) => this.post({ type: 'sessionChanged', change }),
      'sessionDiagnostics/alert': () => undefined,
    };
    this.#catalog.setRoots(roots);
    this.#reporter = new ChangeReporter(this.#catalog, this.#readers, (method, params) => forward[method](params));
  }

  async load(url: string): Promise<void> {
    const { page } = this;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    await page.exposeFunction('toHost', (message: unknown) => this.#receive(message));
    this.#reporter.reset();
    await page.goto(url);
  }

  /** As the host does when chokidar has seen something. */
  filesChanged(paths: readonly string[]): void {
    this.#reporter.filesChanged(paths);
  }

  post(message: HostMessage): void {
    // A page that is going away does not read its messages.
    this.page.evaluate((posted) => window.postMessage(posted, '*'), message).catch(() => undefined);
  }

  async shot(path: string): Promise<void> {
    await this.page.screenshot({ path, fullPage: true });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  #receive(value: unknown): void {
    const message = panelMessageFrom(value);
    if (message === undefined)
      throw new Error(`the webview sent what the host does not know: ${JSON.stringify(value)}`);
    this.messages.push(message);
    handle<PanelMessage>(
      {
        ready: () => {
          const { seq, incident, page, isTrusted = true } = this.#options;
          const shown = this.#isReady ? undefined : page; // told once, as the host does
          this.#isReady = true;
          this.post({ type: 'state', selected: this.#selected, incident, page: shown, seq, isTrusted, server: 'up' });
        },
        selected: ({ session }) => {
          this.#selected = session;
          this.#reporter.watch(session === undefined ? [] : [session]);
        },
        query: ({ id, name, params }) => {
          const reply = answerQuery({ catalog: this.#catalog, readers: this.#readers }, name, params);
          // What the language client does to it on the way.
          this.post({ type: 'reply', id, reply: JSON.parse(JSON.stringify(reply)) as typeof reply });
        },
        action: () => undefined,
        openHandle: () => undefined,
        page: ({ page }) => {
          const { content } = this.#options;
          if (content !== undefined) this.post({ type: 'pageContent', page, content });
        },
        dropped: () => undefined,
        droppedFile: () => undefined,
      },
      message,
    );
  }
}

function pageFor(name: string): string {
  const theme = THEMES[name as ThemeName]; // the harness's own addresses only
  const variables = Object.entries(theme.variables).map(([key, value]) => `--vscode-${key}: ${value};`);
  // As the host's page; the harness's own style and script carry the nonce.
  const policy = `default-src 'none'; script-src 'nonce-${NONCE}'; style-src 'self' 'nonce-${NONCE}'; font-src 'self';`;
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <title>Session Diagnostics</title>
    <style nonce="${NONCE}">:root { ${variables.join(' ')} }</style>
    <link rel="stylesheet" href="/webview.css">
    <script nonce="${NONCE}">${VS_CODE_API}</script>
  </head>
  <body class="${theme.bodyClass}">
    <script nonce="${NONCE}" src="/webview.js"></script>
  </body>
</html>`;
}
