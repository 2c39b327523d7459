import { env, type Memento } from 'vscode';
import { arrayOf, recordOf } from '../../core/words/json.ts';
import type { PageAction, PageContent } from '../../core/panel/pageContent.ts';
import type { ToldPageRef } from '../../core/panel/pageRef.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import type { Backend } from '../backend.ts';
import type { CliResult, RecorderCli } from '../recorderCli.ts';
import { setting } from '../settings.ts';
import { tell } from '../surfaces.ts';
import { analysisPage, whyPage } from './logPages.ts';
import { patternsPage, trendPage } from './overSessions.ts';
import { addToReport, openIssue, reportCall, reportPage, saveReport } from './reportPreview.ts';

/** Tells the panel's pages, and does what their buttons ask. */
export interface PageTeller {
  readonly content: (page: ToldPageRef) => Promise<PageContent>;
  /** The page to show then, where it becomes another one. */
  readonly act: (page: ToldPageRef, action: PageAction) => Promise<ToldPageRef | undefined>;
  /** A log that the person has chosen: none else is read for a page that names one. */
  readonly allow: (file: string) => void;
}

export interface TellerParts {
  readonly cli: RecorderCli;
  readonly backend: Pick<Backend, 'roots' | 'isOwn'>;
  /** Chosen logs are remembered over a reload, as the pages are. */
  readonly kept: Memento;
}

const CHOSEN_KEY = 'pages.chosenLogs';
const MOST_CHOSEN = 100;
const NOT_CHOSEN: PageContent = { ok: false, why: 'This log was not chosen in this window. Choose it again.' };
const NOT_OWN: PageContent = { ok: false, why: 'This window has no such session.' };

export function createPageTeller({ cli, backend, kept }: TellerParts): PageTeller {
  /** What was shown is what leaves. */
  const shown = new Map<string, string>();
  const chosen = (): readonly string[] => arrayOf(kept.get(CHOSEN_KEY)).filter((file) => typeof file === 'string');
  const isOwn = async (sessions: readonly SessionRef[]): Promise<boolean> => {
    await backend.roots(); // there may be no server yet
    return sessions.every((session) => backend.isOwn(session));
  };
  const over = async (what: 'trend' | 'patterns', isJson: boolean): Promise<CliResult> => {
    const [root, ...others] = await backend.roots();
    if (root === undefined) return { ok: false, why: 'The log folder is not known.' };
    // Traces fail like any session, but have no process that could die.
    const elsewhere = what === 'trend' ? others : [];
    return await cli.run({ command: what, flags: { 'log-dir': root, 'also-in': elsewhere, json: isJson } });
  };
  const content = async (page: ToldPageRef): Promise<PageContent> => {
    switch (page.kind) {
      case 'trend':
        return ofJson(await over('trend', true), trendPage);
      case 'patterns': {
        const text = await over('patterns', false);
        return text.ok ? ofJson(await over('patterns', true), (told) => patternsPage(told, text.stdout)) : text;
      }
      case 'analysis':
        if (!chosen().includes(page.file)) return NOT_CHOSEN;
        return ofJson(await cli.run({ command: 'analyze', flags: { json: true }, names: [page.file] }), analysisPage);
      case 'why': {
        const { root, id } = page.session;
        if (!(await isOwn([page.session]))) return NOT_OWN;
        const flags = { 'log-dir': root, 'logs-in': setting('agentLogs').places };
        const told = await cli.run({ command: 'why', flags, names: [id] });
        if (told.ok) shown.set(JSON.stringify(page), told.stdout);
        return told.ok ? whyPage(told.stdout) : told;
      }
      case 'report': {
        if (!(await isOwn(page.sessions))) return NOT_OWN;
        const made = await cli.run(reportCall(page));
        if (made.ok) shown.set(JSON.stringify(page), made.stdout);
        return made.ok ? reportPage(made.stdout, page) : made;
      }
    }
  };
  return {
    content,
    allow: (file) =>
      void kept.update(CHOSEN_KEY, [file, ...chosen().filter((one) => one !== file)].slice(0, MOST_CHOSEN)),
    act: async (page, action) => {
      if (action === 'refresh') return page;
      if (action === 'add') return page.kind === 'report' ? await addToReport(page) : undefined;
      const text = shown.get(JSON.stringify(page));
      if (text === undefined) return undefined;
      if (action === 'copy') {
        await env.clipboard.writeText(text);
        tell('It is on the clipboard.');
      } else if (page.kind === 'report') await (action === 'save' ? saveReport(text, page.sessions) : openIssue(text));
      return undefined;
    },
  };
}

function ofJson(result: CliResult, page: (told: NonNullable<ReturnType<typeof recordOf>>) => PageContent): PageContent {
  const told = result.ok ? recordOf(result.json) : undefined;
  if (told !== undefined) return page(told);
  return { ok: false, why: result.ok ? 'The answer could not be read.' : result.why };
}
