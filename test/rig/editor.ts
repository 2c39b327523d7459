import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { installedBrowser, launchBrowser } from './browser.ts';
import { installedCodeServer, serveEditor } from './codeServer.ts';
import { packagedExtension } from './packagedExtension.ts';

const PICTURES = resolve(import.meta.dirname, '../../.vscode-test/pictures');
/** Generous: the machine may be busy with other tests; nothing waits longer than it has to. */
const SLOW_MS = 30_000;
/** Of 4 s each: what the editor lost while it was starting is done again. */
const ATTEMPTS = 8;

export interface RigOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** False: the workspace opens in Restricted Mode. */
  readonly isTrusted?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Prepares the workspace and the log root before the editor starts. */
  readonly prepare?: (places: RigPlaces) => void;
}

export interface RigPlaces {
  readonly home: string;
  readonly workspace: string;
  readonly logRoot: string;
}

/** A real editor in a real browser, with the packaged extension, driven as a person would. */
export interface Rig extends RigPlaces {
  readonly page: Page;
  /** Types a command's title into the palette and runs it. */
  readonly command: (title: string) => Promise<void>;
  /** Picks an item of the open quick pick by its label, or accepts a typed value. */
  readonly pick: (label: string) => Promise<void>;
  readonly enter: (text: string) => Promise<void>;
  /** Types into the open quick pick until it shows a row with `label`. */
  readonly search: (text: string, label?: string | RegExp) => Promise<Locator>;
  /** Opens Go to File and searches there. */
  readonly goTo: (text: string, label?: string | RegExp) => Promise<Locator>;
  /** Answers the open file dialog with a path, or with the one that it suggests. */
  readonly chooseFile: (path?: string) => Promise<void>;
  /** The panel's document, inside two frames. */
  readonly panel: () => Promise<Frame>;
  readonly picture: (name: string) => Promise<void>;
  readonly reload: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export type Editor = { readonly rig: Rig } | { readonly missing: string };

export async function openEditor(options: RigOptions = {}): Promise<Editor> {
  const browser = installedBrowser();
  if ('missing' in browser) return browser;
  const server = installedCodeServer();
  if ('missing' in server) return server;

  const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-editor-'));
  const places = { home, workspace: join(home, 'workspace'), logRoot: join(home, 'share/autoskillit/logs') };
  mkdirSync(places.workspace);
  options.prepare?.(places);
  const editor = await serveEditor(server.entry, {
    home,
    folder: places.workspace,
    vsix: packagedExtension(),
    env: { ...process.env, XDG_DATA_HOME: join(home, 'share'), ...options.env },
    ...(options.settings !== undefined && { settings: options.settings }),
    isTrusted: options.isTrusted ?? true,
  });
  const started = await launchBrowser(browser.path);
  const close = async (): Promise<void> => {
    await started.close();
    await editor.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const page = await started.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(SLOW_MS);
  try {
    await page.goto(editor.url);
    await page.waitForSelector('.monaco-workbench .statusbar-item');
  } catch (error) {
    await close();
    throw error;
  }

  const input = page.locator('.quick-input-widget input.input');
  const rows = page.locator('.quick-input-list .monaco-list-row');
  /** A key that comes before the editor listens is lost. */
  const openWith = async (key: string): Promise<void> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      await page.keyboard.press(key);
      if (await isReached(input)) return;
    }
    throw new Error(`${key} opened nothing`);
  };
  const rig: Rig = {
    ...places,
    page,
    command: async (title) => {
      // Not Enter, which runs the row on top: for "Expand Selection" that is "Expand Line Selection".
      const row = rows.filter({ has: page.locator('.label-name').getByText(title, { exact: true }) }).first();
      // An open palette does not learn of commands that a starting editor contributes later: it is opened again.
      for (let attempt = 1; ; attempt += 1) {
        await openWith('F1');
        await input.fill(`>${title}`);
        if (await isReached(row)) break;
        if (attempt === ATTEMPTS) throw new Error(`the palette has no command "${title}"`);
        await page.keyboard.press('Escape');
      }
      await row.click();
      // What the command asks is asked in the same place: nothing may be taken for its rows before the palette's are gone.
      await row.waitFor({ state: 'hidden' });
    },
    pick: async (label) => {
      const row = rows.filter({ hasText: label }).first();
      await row.click();
      // As after a command.
      await row.waitFor({ state: 'hidden' });
    },
    search: async (text, label = text) => {
      const row = rows.filter({ hasText: label }).first();
      // A quick pick that is still opening may throw away what was typed.
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        await input.fill(text);
        if ((await isReached(row)) && (await input.inputValue()) === text) return row;
      }
      throw new Error(`the quick pick shows no "${label}" for "${text}"`);
    },
    goTo: async (text, label) => {
      await openWith('Control+KeyP');
      return await rig.search(text, label);
    },
    chooseFile: async (path) => {
      await input.waitFor();
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        // A dialog whose first folder is still being read puts that folder's name over what was typed.
        if (path !== undefined) await rig.search(path, basename(path));
        await page.keyboard.press('Enter');
        if (await isReached(input, 'hidden')) return;
      }
      throw new Error(`the dialog did not take ${path ?? 'its own suggestion'}`);
    },
    enter: async (text) => {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        await input.fill(text);
        // As in a quick pick: what is still opening may throw it away.
        if ((await input.inputValue()) !== text) continue;
        await page.keyboard.press('Enter');
        if (await isReached(input, 'hidden')) return;
      }
      throw new Error(`the input did not take "${text}"`);
    },
    panel: () => panelFrame(page),
    picture: async (name) => {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}.png`) });
    },
    reload: async () => {
      // The window's own reload and not the browser's: it saves the layout first.
      const loaded = page.waitForEvent('load');
      await rig.command('Developer: Reload Window');
      await loaded;
      await page.waitForSelector('.monaco-workbench .statusbar-item');
    },
    close,
  };
  return { rig };
}

async function isReached(what: Locator, state: 'visible' | 'hidden' = 'visible'): Promise<boolean> {
  return await what.waitFor({ state, timeout: 4000 }).then(
    () => true,
    () => false,
  );
}

/** The webview's content is in the inner frame, whose address ends in fake.html. */
async function panelFrame(page: Page): Promise<Frame> {
  const deadline = performance.now() + SLOW_MS;
  while (performance.now() < deadline) {
    for (const frame of page.frames()) {
      const isPanel =
        frame.url().includes('fake.html') &&
        (await frame.evaluate(() => document.querySelector('script[nonce]') !== null).catch(() => false));
      if (isPanel) return frame;
    }
    await page.waitForTimeout(50);
  }
  throw new Error(
    `The panel did not open; frames: ${page
      .frames()
      .map((frame) => frame.url())
      .join(', ')}`,
  );
}
