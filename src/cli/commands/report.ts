import { randomBytes } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { buildReport } from '../../core/report/reportBuild.ts';
import type { Report } from '../../core/report/report.ts';
import { reportMarkdown, type AddedTexts } from '../../core/report/reportMarkdown.ts';
import { skillEvolveLogs } from '../../core/report/skillEvolve.ts';
import { jsonDocument } from '../../core/words/json.ts';
import { writeAtomically } from '../../logs/runningSession.ts';
import type { FoundSession } from '../../sessions/readFound.ts';
import { foundSession } from '../chosenSession.ts';
import type { Command, CommandContext } from '../command.ts';
import { excerptsOf } from '../../sessions/excerpts.ts';
import { CommandError, UsageError } from '../failure.ts';
import { reportedUnrecorded } from '../unrecorded/unrecordedSessions.ts';
import { LOG_FLAG_HELP, LOG_FLAGS } from '../unrecorded/unrecordedLogs.ts';
import { htmlReport } from '../htmlReport.ts';
import { publicRedactor } from '../redactorFor.ts';
import { environmentFacts, reportedSession } from '../../sessions/reportedSession.ts';

const FORMATS = ['markdown', 'json', 'skillevolve', 'html'] as const;

type TextFormat = Exclude<(typeof FORMATS)[number], 'html'>;

export const report: Command = {
  usage: 'ID... [--format markdown|json|skillevolve|html] [--out FILE]',
  summary: 'A bug report that can be pasted in public: numbers and fixed words only, no text of the session',
  readsSessions: true,
  takesBundles: true,
  flagHelp: [
    ['--format F', `${FORMATS.join(', ')} (${FORMATS[0]})`],
    ['--out FILE', 'writes it there instead of to standard output'],
    ['--note TEXT', 'a note of yours; passes the redactor and is shown as yours'],
    ['--detailed', 'adds the first lines of errors, redacted: read them before you publish'],
    ...LOG_FLAG_HELP,
  ],
  flags: {
    format: { type: 'string' },
    out: { type: 'string' },
    note: { type: 'string' },
    detailed: { type: 'boolean' },
    ...LOG_FLAGS,
    // The editor says which one it is, and where else its sessions are.
    'editor-version': { type: 'string' },
    'also-in': { type: 'string', multiple: true },
  },
  run: async (context) => {
    const { args, terminal, cwd } = context;
    const format = FORMATS.find((known) => known === (args.text('format') ?? FORMATS[0]));
    if (format === undefined) throw new UsageError(`--format is one of ${FORMATS.join(', ')}.`);
    if (args.positionals.length === 0) throw new UsageError('Report on which session? Give at least one.');
    const isDetailed = args.isSet('detailed');
    if (isDetailed && format !== 'markdown' && format !== 'html')
      throw new UsageError('--detailed adds texts, which only markdown and html can hold.');
    const text = format === 'html' ? htmlText(context) : await markedText(context, format);
    const out = args.text('out');
    if (out === undefined) {
      terminal.out(text.trimEnd());
    } else {
      const path = resolve(cwd, out);
      try {
        writeAtomically(dirname(path), basename(path), text);
      } catch (error) {
        throw new CommandError(
          `${path} could not be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`,
          { cause: error },
        );
      }
      terminal.err(`Wrote ${path}. Nothing was sent anywhere.`);
    }
    return 0;
  },
};

/** Of what was recorded: an agent's own log has no timelines. */
function htmlText(context: CommandContext): string {
  const sessions = context.args.positionals.map((id) => foundSession(context, id, { isPrefixEnough: true }));
  return htmlReport(sessions, { programPath: context.programPath, added: addedTexts(context, sessions) });
}

async function markedText(context: CommandContext, format: TextFormat): Promise<string> {
  const { args } = context;
  const reported = [];
  const sessions: FoundSession[] = [];
  for (const id of args.positionals) {
    const unrecorded = await reportedUnrecorded(context, id);
    const found = unrecorded === undefined ? foundSession(context, id, { isPrefixEnough: true }) : undefined;
    if (found !== undefined) sessions.push(found);
    reported.push(unrecorded ?? (found && reportedSession(found)));
  }
  const built = buildReport({
    createdMs: Date.now(),
    environment: environmentFacts(args.text('editor-version')),
    sessions: reported.filter((session) => session !== undefined),
  });
  if (!built.ok) throw new CommandError(built.message);
  return rendered(format, built.report, () => addedTexts(context, sessions));
}

function rendered(format: TextFormat, built: Report, added: () => AddedTexts): string {
  switch (format) {
    case 'markdown':
      return `${reportMarkdown(built, added()).trimEnd()}\n`;
    case 'json':
      return jsonDocument(built);
    case 'skillevolve': {
      const logs = skillEvolveLogs(
        built,
        built.sessions.map(() => randomBytes(4).toString('hex')),
      );
      return jsonDocument(logs.length === 1 ? logs[0] : logs);
    }
  }
}

function addedTexts(context: CommandContext, sessions: readonly FoundSession[]): AddedTexts {
  const redactor = publicRedactor(context);
  const note = context.args.text('note');
  return {
    ...(note !== undefined && { note: redactor.redact(note).text }),
    ...(context.args.isSet('detailed') && { excerpts: sessions.flatMap((found) => excerptsOf(found, redactor)) }),
  };
}
