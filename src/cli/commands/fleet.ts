import { dirname, join, resolve } from 'node:path';
import type { Answer, Cell } from '../../fleet/engineAnswer.ts';
import type * as FleetBundle from '../../fleet/fleetBundle.ts';
import { QUESTION_NAMES, type QuestionName } from '../../fleet/questionNames.ts';
import { msOfSince, SINCE_FORMS } from '../../core/find/sinceTime.ts';
import { wordOf } from '../../core/words/vocabulary.ts';
import type { Command, CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { loadBundle } from '../loadBundle.ts';
import { printable } from '../terminal.ts';

const URL_VARIABLE = 'SESSION_DIAGNOSTICS_FLEET_URL';
const USUAL_SINCE = '30d';

export const fleet: Command = {
  usage: '[QUESTION] [--url URL | --files FOLDER] [--since T]',
  summary:
    'Answers questions over the sessions of many machines, from ClickHouse or Parquet files; without one lists them',
  flagHelp: [
    ['--url URL', `ClickHouse, such as https://reader@host:8443/otel, instead of $${URL_VARIABLE}`],
    ['--files FOLDER', 'what `bundle --parquet` has written, by DuckDB'],
    [
      '--since T',
      `sessions since then: ${SINCE_FORMS} (${USUAL_SINCE}); for changed-since what to compare with before it`,
    ],
    ['--setup', 'makes the views in ClickHouse, once, with a user who may'],
  ],
  flags: {
    url: { type: 'string' },
    files: { type: 'string' },
    since: { type: 'string' },
    setup: { type: 'boolean' },
  },
  run: async (context) => {
    const { args, programPath, terminal } = context;
    const bundle = await loadBundle<typeof FleetBundle>(programPath, 'fleet');
    const media = join(dirname(programPath), '../media/fleet');
    if (args.isSet('setup')) return setUp(context, bundle, media);
    const [given] = args.positionals;
    if (given === undefined) return listQuestions(context, bundle, media);
    const name = wordOf(QUESTION_NAMES, given);
    if (name === undefined || args.positionals.length > 1)
      throw new UsageError(`fleet takes one of these questions: ${QUESTION_NAMES.join(', ')}.`);
    const { meaning, sql } = bundle.readQuestion(media, name);
    const sinceMs = sinceOf(args.text('since') ?? USUAL_SINCE);
    const answer = checked(await asked(context, bundle, { sql, sinceS: sinceMs / 1000 }));
    if (args.isSet('json')) terminal.out(JSON.stringify(asJson(name, sinceMs, answer)));
    else tell(context, meaning, answer);
    return 0;
  },
};

function sinceOf(text: string): number {
  const ms = msOfSince(text, Date.now());
  if (ms === undefined) throw new UsageError(`--since takes a time: ${SINCE_FORMS}, not "${printable(text)}".`);
  return ms;
}

type Answered = Extract<Answer, { ok: true }>;

function checked(answer: Answer): Answered {
  if (!answer.ok) throw new CommandError(printable(answer.message));
  return answer;
}

interface Ask {
  readonly sql: string;
  readonly sinceS: number;
}

async function asked(context: CommandContext, bundle: typeof FleetBundle, { sql, sinceS }: Ask): Promise<Answer> {
  const { args, cwd, programPath } = context;
  const files = args.text('files');
  if (files !== undefined && args.text('url') !== undefined) throw new UsageError('Give --url or --files, not both.');
  if (files === undefined) return bundle.askClickHouse(clickHouse(context), sql, sinceS);
  const folder = /^\w+:\/\//.test(files) ? files : resolve(cwd, files);
  return bundle.askDuckDb({ folder, lookIn: [programPath, join(cwd, 'package.json')] }, sql, sinceS);
}

/** User and password also by the variables of ClickHouse's own client: a command line is seen by everybody. */
function clickHouse({ args, env }: CommandContext) {
  const given = args.text('url') ?? env[URL_VARIABLE] ?? '';
  if (given === '') throw new UsageError(`Ask whom? Give --url or --files, or set ${URL_VARIABLE}.`);
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new UsageError('--url takes the http or https address of ClickHouse, such as http://127.0.0.1:8123/otel.');
  return { url: new URL(given), user: env['CLICKHOUSE_USER'], password: env['CLICKHOUSE_PASSWORD'] };
}

async function setUp(context: CommandContext, bundle: typeof FleetBundle, media: string): Promise<number> {
  const place = clickHouse(context);
  checked(await bundle.setUpClickHouse(place, bundle.readViews(media)));
  context.terminal.err(`The views sessions, calls, samples and deaths are made at ${place.url.origin}.`);
  return 0;
}

function listQuestions({ args, terminal }: CommandContext, bundle: typeof FleetBundle, media: string): number {
  const questions = QUESTION_NAMES.map((name) => ({ name, meaning: bundle.readQuestion(media, name).meaning }));
  if (args.isSet('json')) terminal.out(JSON.stringify(questions));
  else for (const { name, meaning } of questions) terminal.out(`${terminal.styled('bold', name)}\n  ${meaning}`);
  return 0;
}

function asJson(question: QuestionName, sinceMs: number, { columns, rows }: Answered) {
  const named = rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])));
  return { question, since: new Date(sinceMs).toISOString(), rows: named };
}

function tell({ terminal }: CommandContext, meaning: string, { columns, rows }: Answered): void {
  terminal.err(meaning);
  if (rows.length === 0) {
    terminal.err(
      'Nothing: no session since then answers this. Ask for more with --since, or see whether sessions arrive.',
    );
    return;
  }
  const cells = [[...columns], ...rows.map((row) => row.map(shown))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const isNumber = columns.map((_, at) => rows.every((row) => typeof row[at] !== 'string'));
  for (const [n, row] of cells.entries()) {
    const padded = row.map((cell, at) =>
      isNumber[at] === true ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    );
    const line = padded.join('  ').trimEnd();
    terminal.out(n === 0 ? terminal.styled('dim', line) : line);
  }
}

function shown(cell: Cell): string {
  return cell === null ? '' : printable(String(cell));
}
