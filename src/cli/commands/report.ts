import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, release, totalmem } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { isTraceName } from '../../core/devboyTrace.ts';
import { episodesOf } from '../../core/episodes.ts';
import { failuresFrom } from '../../core/readFailures.ts';
import { buildReport, type EnvironmentFacts, type ReportedSession } from '../../core/reportBuild.ts';
import type { Report } from '../../core/report.ts';
import { reportMarkdown, type AddedTexts } from '../../core/reportMarkdown.ts';
import { skillEvolveLogs } from '../../core/skillEvolve.ts';
import { STILL_RUNNING, summaryVerdict } from '../../core/summaryVerdict.ts';
import { jsonDocument, stringOf } from '../../core/json.ts';
import { openHandles } from '../../logs/handles.ts';
import { writeAtomically } from '../../logs/runningSession.ts';
import { SUMMARY_FILE } from '../../logs/sessionIndex.ts';
import { META_FILE } from '../../logs/traceFolders.ts';
import { foundSession, type FoundSession } from '../chosenSession.ts';
import type { Command, CommandContext } from '../command.ts';
import { excerptsOf } from '../excerpts.ts';
import { CommandError, UsageError } from '../failure.ts';
import { readFound } from '../readFound.ts';
import { publicRedactor } from '../redactorFor.ts';

const FORMATS = ['markdown', 'json', 'skillevolve'] as const;

export const report: Command = {
  usage: 'ID... [--format markdown|json|skillevolve] [--out FILE]',
  summary: 'A bug report that can be pasted in public: numbers and closed vocabularies only, no text of the session',
  flagHelp: [
    ['--format F', `${FORMATS.join(', ')} (${FORMATS[0]})`],
    ['--out FILE', 'writes it there instead of to standard output'],
    ['--note TEXT', 'a note of yours; passes the redactor and is shown as yours'],
    ['--detailed', 'adds the first lines of errors, redacted: read them before you publish'],
  ],
  flags: {
    format: { type: 'string' },
    out: { type: 'string' },
    note: { type: 'string' },
    detailed: { type: 'boolean' },
    // The editor says which one it is.
    'editor-version': { type: 'string' },
  },
  run: (context) => {
    const { args, terminal, cwd } = context;
    const format = FORMATS.find((known) => known === (args.text('format') ?? FORMATS[0]));
    if (format === undefined) throw new UsageError(`--format is one of ${FORMATS.join(', ')}.`);
    if (args.positionals.length === 0) throw new UsageError('Report on which session? Give at least one.');
    const isDetailed = args.isSet('detailed');
    if (isDetailed && format !== 'markdown')
      throw new UsageError('--detailed adds texts, which only markdown can hold.');
    const sessions = args.positionals.map((id) => foundSession(context, id));
    const built = buildReport({
      createdMs: Date.now(),
      environment: environmentFacts(args.text('editor-version')),
      sessions: sessions.map(reportedSession),
    });
    if (!built.ok) throw new CommandError(built.message);
    const text = rendered(format, built.report, () => addedTexts(context, sessions));
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
    return Promise.resolve(0);
  },
};

function rendered(format: (typeof FORMATS)[number], built: Report, added: () => AddedTexts): string {
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

function reportedSession(found: FoundSession): ReportedSession {
  const { root, place } = found;
  const files = readFound(found);
  const { summary } = files;
  const account = isTraceName(place.name) ? META_FILE : SUMMARY_FILE;
  return {
    handle: openHandles(root).handleOf(join(place.dir, account))(1),
    summary: summary ?? (files.enrollment && { ...files.enrollment }),
    verdict: place.state === 'running' ? STILL_RUNNING : summaryVerdict(summary ?? {}),
    episodes: episodesOf(files.anomalies),
    failures: failuresFrom(summary?.['failures']),
    snapshots: files.snapshots,
    tree: files.tree,
    agentVersion: stringOf(summary?.['agent_version']),
    badLines: Object.values(files.badLines).reduce((sum, count) => sum + count, 0),
  };
}

function environmentFacts(editorVersion: string | undefined): EnvironmentFacts {
  return {
    productVersion: PRODUCT_VERSION,
    editorVersion,
    platform: process.platform,
    kernelRelease: release(),
    arch: arch(),
    cores: availableParallelism(),
    memoryKb: Math.round(totalmem() / 1024),
    isContainer: process.platform === 'linux' ? isContainer() : undefined,
  };
}

/** Docker and Podman leave a file; elsewhere the first process's groups name the runtime. */
function isContainer(): boolean {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true;
  try {
    return /docker|kubepods|containerd|lxc/.test(readFileSync('/proc/1/cgroup', 'utf8'));
  } catch {
    return false; // hidden: nothing says that it is one
  }
}

/** Set by the build from package.json. */
declare const PRODUCT_VERSION: string;
