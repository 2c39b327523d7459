import { env, Uri, window, workspace, version } from 'vscode';
import type { CliCall, CliFlags } from '../../core/words/cliCall.ts';
import { displayText } from '../../core/words/displayText.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import { setting } from '../settings.ts';
import { cliFailed, showProblem } from '../messages.ts';
import type { RecorderCli } from '../recorderCli.ts';
import { askForText, notify, pick, tell } from '../surfaces.ts';

/** GitHub refuses addresses of more than 8,192 characters; what does not fit is pasted by the person. */
const MOST_URL_CHARACTERS = 8000;

/** Makes the report, shows exactly the bytes that would leave, and leaves the rest to the person. Nothing is sent. */
export async function exportReport(cli: RecorderCli, sessions: readonly SessionRef[]): Promise<void> {
  const result = await cli.run(reportCall(sessions, {}));
  if (!result.ok) return showProblem(cliFailed('The report was not made.', result.why));
  await offer(cli, sessions, result.stdout);
}

function reportCall(sessions: readonly SessionRef[], added: CliFlags): CliCall {
  const [root = '', ...others] = new Set(sessions.map((session) => session.root));
  const places = { 'log-dir': root, 'also-in': others, 'logs-in': setting('agentLogs').places };
  return {
    command: 'report',
    flags: { format: 'markdown', 'editor-version': version, ...places, ...added },
    names: sessions.map(({ id }) => id),
  };
}

type Choice = 'Copy' | 'Save…' | 'Open GitHub Issue…' | 'Add…';

async function offer(cli: RecorderCli, sessions: readonly SessionRef[], report: string): Promise<void> {
  const document = await workspace.openTextDocument({ content: report, language: 'markdown' });
  await window.showTextDocument(document, { preview: true });
  const chosen = await notify<Choice>(
    'info',
    'This is the whole report. Nothing has been sent.',
    'Copy',
    'Save…',
    'Open GitHub Issue…',
    'Add…',
  );
  // What was shown is what leaves; whoever edits the document sends the document.
  switch (chosen) {
    case undefined:
      return;
    case 'Copy':
      return await env.clipboard.writeText(document.getText());
    case 'Save…':
      return await save(document.getText(), fileName(sessions));
    case 'Open GitHub Issue…':
      return await openIssue(document.getText());
    case 'Add…':
      return await addTo(cli, sessions);
  }
}

/** A trace's id has its folders before it. */
function fileName([first, ...others]: readonly SessionRef[]): string {
  const id = first?.id.split('/').at(-1) ?? '';
  return others.length === 0 ? `report-${id}.md` : `report-${others.length + 1}-sessions.md`;
}

async function save(report: string, name: string): Promise<void> {
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
async function openIssue(report: string): Promise<void> {
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
async function addTo(cli: RecorderCli, sessions: readonly SessionRef[]): Promise<void> {
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
  if (adds === undefined) return;
  const note =
    adds === 'note' ? await askForText({ title: 'Your Note', prompt: 'Shown below the report.' }) : undefined;
  if (adds === 'note' && (note === undefined || note === '')) return;
  const result = await cli.run(reportCall(sessions, note === undefined ? { detailed: true } : { note }));
  if (!result.ok) return showProblem(cliFailed('The report was not made.', result.why));
  await offer(cli, sessions, result.stdout);
}
