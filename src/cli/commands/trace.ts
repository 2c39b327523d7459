import { DEVBOY_OUTCOMES } from '../../core/session/devboyTrace.ts';
import { isRecord, parseJson, type JsonRecord } from '../../core/words/json.ts';
import { wordOf } from '../../core/words/vocabulary.ts';
import { devboyRoot, openTraceStore, type TraceStore } from '../../logs/traceStore.ts';
import { resolve } from 'node:path';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { clipped } from '../terminal.ts';
import { publicRedactor } from '../redactorFor.ts';

export const trace: Command = {
  usage: 'begin --skill NAME | event ID PHASE [JSON] | end ID --outcome success|failure|aborted',
  summary: 'Writes devboy-compatible session traces, redacted before they are written',
  flagHelp: [
    ['--skill NAME', 'begin: the skill that the trace is of'],
    ['--skill-version V', 'begin: its version'],
    ['--input TEXT', 'begin: what it was asked, in short'],
    ['--outcome WORD', `end: ${DEVBOY_OUTCOMES.join(', ')}`],
    ['--summary TEXT', 'end: what came of it, in short'],
    ['--root DIR', 'the folder that holds .devboy, instead of the repository'],
    ['--global', 'your home folder instead of the repository'],
  ],
  flags: {
    skill: { type: 'string' },
    'skill-version': { type: 'string' },
    input: { type: 'string' },
    outcome: { type: 'string' },
    summary: { type: 'string' },
    root: { type: 'string' },
    global: { type: 'boolean' },
  },
  run: (context) => {
    const { args, terminal, cwd, home } = context;
    const given = args.text('root');
    const root = given !== undefined ? resolve(cwd, given) : args.isSet('global') ? home : devboyRoot(cwd);
    const store = openTraceStore({ root, redactor: publicRedactor(context), nowMs: Date.now });
    const done = carriedOut(store, args);
    if (!done.ok) throw new CommandError(done.message);
    terminal.out(args.isSet('json') ? JSON.stringify(done) : done.said);
    return Promise.resolve(0);
  },
};

/** The action itself, the trace's id, a phase and its payload. */
const MOST_WORDS: ReadonlyMap<string | undefined, number> = new Map([
  ['begin', 1],
  ['event', 4],
  ['end', 2],
]);

type Done =
  | { readonly ok: true; readonly said: string; readonly dir: string }
  | { readonly ok: false; readonly message: string };

function carriedOut(store: TraceStore, args: Arguments): Done {
  const [action, id, phase, payload] = args.positionals;
  const tooMany = args.positionals[MOST_WORDS.get(action) ?? Number.POSITIVE_INFINITY];
  if (tooMany !== undefined) {
    throw new UsageError(`"${clipped(tooMany, 40)}" is too much for trace ${action}. Is a text with spaces in quotes?`);
  }
  switch (action) {
    case 'begin': {
      const skill = args.text('skill');
      if (skill === undefined) throw new UsageError('Begin a trace of which skill? Give --skill NAME.');
      const skillVersion = args.text('skill-version');
      const inputSummary = args.text('input');
      const begun = store.begin({
        skill,
        ...(skillVersion !== undefined && { skillVersion }),
        ...(inputSummary !== undefined && { inputSummary }),
      });
      return begun.ok ? { ok: true, said: begun.sessionId, dir: begun.dir } : begun;
    }
    case 'event': {
      if (id === undefined || phase === undefined) throw new UsageError('An event needs the trace’s id and a phase.');
      const appended = store.append(id, phase, payloadOf(payload));
      return appended.ok ? { ...appended, said: `${phase} added to ${id}` } : appended;
    }
    case 'end': {
      if (id === undefined) throw new UsageError('End which trace? Give its id.');
      const outcome = wordOf(DEVBOY_OUTCOMES, args.text('outcome'));
      if (outcome === undefined) throw new UsageError(`--outcome is one of ${DEVBOY_OUTCOMES.join(', ')}.`);
      const ended = store.finalise(id, { outcome, summary: args.text('summary') ?? '' });
      return ended.ok ? { ...ended, said: `${id} ended: ${outcome}` } : ended;
    }
    case undefined:
    default:
      throw new UsageError('trace begins, adds to or ends a trace: begin, event or end.');
  }
}

function payloadOf(text: string | undefined): JsonRecord {
  if (text === undefined) return {};
  const parsed = parseJson(text);
  if (parsed.ok && isRecord(parsed.value)) return parsed.value;
  throw new UsageError('The payload of an event is a JSON object, such as {"tool":"shell","ok":true}.');
}
