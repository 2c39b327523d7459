import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createTranscriptAnalyzer } from '../../agents/transcriptReader.ts';
import { jsonDocument, recordOf } from '../../core/words/json.ts';
import { joinEvidence } from '../../core/failures/joinEvidence.ts';
import { verdictFrom } from '../../core/session/verdict.ts';
import { openHandles } from '../../logs/handles.ts';
import { readAllLines } from '../../logs/jsonLines.ts';
import { writeAtomically } from '../../logs/runningSession.ts';
import { findSession, isOwnSession } from '../../logs/sessionFiles.ts';
import { readJsonFile, retellSuspect, SUMMARY_FILE } from '../../logs/sessionIndex.ts';
import { chosenRoot } from '../chosenRoot.ts';
import { checkedId } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { wrapped } from '../terminal.ts';

export const link: Command = {
  usage: 'ID FILE',
  summary: 'Says which transcript a finished session belongs to, where it was not found by itself',
  readsSessions: true,
  flagHelp: [],
  flags: {},
  run: (context) => {
    const { args, terminal, cwd } = context;
    const [id, file, ...more] = args.positionals;
    if (id === undefined || file === undefined || more.length > 0)
      throw new UsageError('Link which session to which file?');
    const root = chosenRoot(context);
    const place = findSession(root, checkedId(id));
    const summary = place === undefined ? undefined : recordOf(readJsonFile(join(place.dir, SUMMARY_FILE)));
    if (place === undefined || summary === undefined) {
      throw new CommandError(`There is no finished session ${id} in ${root.path}.`);
    }
    if (!isOwnSession(place.dir))
      throw new CommandError(`Session ${place.name} belongs to another user, who alone can link it.`);
    const path = existingFile(resolve(cwd, file));
    const analyzer = createTranscriptAnalyzer({ handleOf: openHandles(root).handleOf(path) });
    readAllLines(path, (line) => analyzer.push(line));
    analyzer.finish();
    const verdict = verdictFrom(summary['verdict']);
    const told = analyzer.snapshotOf();
    const failures = verdict === undefined ? told : joinEvidence(told, { verdict, jobs: analyzer.jobs() });
    // Keys that we do not know stay: the summary may be another writer's.
    const { transcript_candidates: _settled, ...kept } = summary;
    writeAtomically(place.dir, SUMMARY_FILE, jsonDocument({ ...kept, transcript: path, failures }));
    retellSuspect(root, place.name, failures.suspect.layer);
    terminal.out(
      args.isSet('json') ? JSON.stringify({ id, failures }) : wrapped(failures.suspect.sentence, terminal.columns, ''),
    );
    return Promise.resolve(0);
  },
};

function existingFile(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw new CommandError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, {
      cause: error,
    });
  }
}
