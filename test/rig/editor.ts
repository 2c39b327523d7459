import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { homeEnvironment } from '../agents/homeEnvironment.ts';
import { installedBrowser, launchBrowser } from './browser.ts';
import { installedCodeServer, serveEditor } from './codeServer.ts';
import { packagedExtension } from './packagedExtension.ts';

const PICTURES = resolve(import.meta.dirname, '../../.vscode-test/pictures');
/** Generous: the machine may be busy with other tests; nothing waits longer than it has to. */
const SLOW_MS = 30_000;
/** What the editor lost while it was busy is done again. */
const ATTEMPTS = 8;
const TRY_MS = 4000;

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
  /** Types into the open quick pick until it shows a row with `label`, and picks that. */
  readonly choose: (text: string, label?: string | RegExp) => Promise<void>;
  /** Opens Go to File and chooses there. */
  readonly goTo: (text: string, label?: string | RegExp) => Promise<void>;
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
    env: { ...process.env, ...homeEnvironment(home), ...options.env },
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
  /** A quick pick that is still opening may throw away what was typed; one that is closing takes nothing. */
  const isTyped = async (text: string): Promise<boolean> =>
    (await succeeds(input.fill(text, { timeout: TRY_MS }))) && (await input.inputValue()) === text;
  const again = async (what: string, isDone: () => Promise<boolean>): Promise<void> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) if (await isDone()) return;
    throw new Error(`${what}, ${ATTEMPTS} times in vain`);
  };
  /** What is asked next is asked in the same place: nothing may be taken for its rows before this one is gone. */
  const take = async (row: Locator): Promise<void> => {
    await row.click();
    await row.waitFor({ state: 'hidden' });
  };
  const isFound = async (text: string, row: Locator): Promise<boolean> =>
    (await isTyped(text)) && (await isReached(row)) && (await input.inputValue()) === text;
  const rig: Rig = {
    ...places,
    page,
    command: async (title) => {
      // Not Enter, which runs the row on top: for "Expand Selection" that is "Expand Line Selection".
      const row = rows.filter({ has: page.locator('.label-name').getByText(title, { exact: true }) }).first();
      await again(`the palette was asked for "${title}"`, async () => {
        // A key that comes before the editor listens is lost; an open palette does not learn of new commands.
        await page.keyboard.press('F1');
        if ((await isReached(input)) && (await isFound(`>${title}`, row))) return true;
        await page.keyboard.press('Escape');
        return false;
      });
      await take(row);
    },
    pick: async (label) => {
      await take(rows.filter({ hasText: label }).first());
    },
    choose: async (text, label = text) => {
      const row = rows.filter({ hasText: label }).first();
      await again(`the quick pick was asked for "${text}"`, () => isFound(text, row));
      await take(row);
    },
    goTo: async (text, label = text) => {
      const row = rows.filter({ hasText: label }).first();
      await again(`Go to File was asked for "${text}"`, async () => {
        await page.keyboard.press('Control+KeyP');
        return (await isReached(input)) && (await isFound(text, row));
      });
      await take(row);
    },
    chooseFile: async (path) => {
      await input.waitFor();
      await again(`the dialog was answered with ${path ?? 'its own suggestion'}`, async () => {
        // A dialog whose first folder is still being read puts that folder's name over what was typed.
        if (path !== undefined && !(await isFound(path, rows.filter({ hasText: basename(path) }).first())))
          return false;
        await page.keyboard.press('Enter');
        return await isReached(input, 'hidden');
      });
    },
    enter: async (text) => {
      await again(`"${text}" was entered`, async () => {
        if (!(await isTyped(text))) return false;
        await page.keyboard.press('Enter');
        return await isReached(input, 'hidden');
      });
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
  return await succeeds(what.waitFor({ state, timeout: TRY_MS }));
}

async function succeeds(attempt: Promise<void>): Promise<boolean> {
  return await attempt.then(
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
