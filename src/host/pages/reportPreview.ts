import { env, Uri, window, workspace, version } from 'vscode';
import type { CliCall } from '../../core/words/cliCall.ts';
import { displayText } from '../../core/words/displayText.ts';
import { markdownBlocks } from '../../core/panel/markdownBlocks.ts';
import type { PageContent } from '../../core/panel/pageContent.ts';
import type { ToldPageRef } from '../../core/panel/pageRef.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import { setting } from '../settings.ts';
import { showProblem } from '../messages.ts';
import { askForText, pick, tell } from '../surfaces.ts';

/** GitHub refuses addresses of more than 8,192 characters; what does not fit is pasted by the person. */
const MOST_URL_CHARACTERS = 8000;

type ReportRef = Extract<ToldPageRef, { readonly kind: 'report' }>;

/** The report as it would leave. Nothing is sent. */
export function reportCall({ sessions, isDetailed, note }: ReportRef): CliCall {
  const [root = '', ...others] = new Set(sessions.map((session) => session.root));
  const places = { 'log-dir': root, 'also-in': others, 'logs-in': setting('agentLogs').places };
  const added = { ...(isDetailed && { detailed: true }), ...(note !== '' && { note }) };
  return {
    command: 'report',
    flags: { format: 'markdown', 'editor-version': version, ...places, ...added },
    names: sessions.map(({ id }) => id),
  };
}

/** Rendered, and whole: what is shown is what leaves. */
export function reportPage(markdown: string, { sessions }: ReportRef): PageContent {
  const [title, ...blocks] = markdownBlocks(markdown);
  return {
    ok: true,
    title: title?.type === 'heading' ? title.text : 'Report',
    lead: 'This is the whole report. Nothing has been sent.',
    about: `Of ${sessions.map(({ id }) => id).join(', ')}`,
    blocks,
    actions: ['save', 'copy', 'issue', 'add', 'refresh'],
  };
}

/** A trace's id has its folders before it. */
function fileName([first, ...others]: readonly SessionRef[]): string {
  const id = first?.id.split('/').at(-1) ?? '';
  return others.length === 0 ? `report-${id}.md` : `report-${others.length + 1}-sessions.md`;
}

export async function saveReport(report: string, sessions: readonly SessionRef[]): Promise<void> {
  const name = fileName(sessions);
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const target = await window.showSaveDialog({
    title: 'Save Report',
    filters: { Markdown: ['md'] },
    ...(folder !== undefined && { defaultUri: Uri.joinPath(folder, name) }),
  });
  if (target === undefined) return;
  try {
    await workspace.fs.writeFile(target, Buffer.from(report, 'utf8'));
  } catch (error) {
    showProblem({
      what: `${displayText(target.fsPath, 200)} was not written.`,
      why: String(error),
      next: 'Choose another place.',
    });
  }
}

/** A prefilled form in the browser: submitting it is the person's own act. */
export async function openIssue(report: string): Promise<void> {
  const repository = await askForText({
    title: 'Open GitHub Issue',
    prompt: 'In which repository? Its issue form opens in your browser with the report filled in; you submit it.',
    placeHolder: 'owner/name',
    validate: (text) => (/^[\w.-]+\/[\w.-]+$/.test(text) ? undefined : 'owner/name, such as octo-org/octo-repo'),
  });
  if (repository === undefined) return;
  const form = `https://github.com/${repository}/issues/new?title=${encodeURIComponent('Session Diagnostics report')}&body=`;
  const whole = form + encodeURIComponent(report);
  if (whole.length <= MOST_URL_CHARACTERS) return void (await env.openExternal(Uri.parse(whole, true)));
  await env.clipboard.writeText(report);
  tell('The report is too long for an address: it is on your clipboard, paste it into the form.');
  await env.openExternal(Uri.parse(form + encodeURIComponent('(paste the report here)'), true));
}

/** What the person wants in it besides: a note of their own, or the redacted first lines of errors. */
export async function addToReport(page: ReportRef): Promise<ReportRef | undefined> {
  const adds = await pick(
    [
      { label: 'A note of mine', detail: 'It passes the redactor and is shown as yours.', value: 'note' as const },
      {
        label: 'First lines of errors',
        detail: 'Texts of the session, redacted. A redactor can miss something: read them before you publish.',
        value: 'detailed' as const,
      },
    ],
    { title: 'Add to the Report' },
  );
  if (adds === undefined) return undefined;
  if (adds === 'detailed') return { ...page, isDetailed: true };
  const note = await askForText({ title: 'Your Note', prompt: 'Shown below the report.' });
  return note === undefined || note === '' ? undefined : { ...page, note };
}
