import { join } from 'node:path';
import type { Symptom } from '../core/failures/transcriptEvents.ts';
import type { Redactor } from '../core/privacy/redact.ts';
import { openHandles } from '../logs/handles.ts';
import { readSummary, transcriptOf } from '../logs/sessionFiles.ts';
import { knownFailures } from './knownFailures.ts';
import type { FoundSession } from './readFound.ts';
import { readTranscript } from './readTranscript.ts';

export interface Excerpt {
  readonly handle: string;
  readonly text: string;
}

const MAX_EXCERPTS = 20;
const MAX_LINES = 3;
const MAX_CHARACTERS = 400;
/** Of a long output the rest is never shown; what is cut in two here is far behind what is. */
const MAX_REDACTED = 20_000;

/** The first lines of what failed, redacted: for the report's detailed mode, which its user asked for. */
export function excerptsOf(found: FoundSession, redactor: Redactor): Excerpt[] {
  const { root, place } = found;
  const summary = readSummary(place.dir);
  const transcript = transcriptOf(place.dir, summary);
  const failures = transcript === undefined ? undefined : knownFailures(root, place, summary);
  if (transcript === undefined || failures === undefined) return [];
  // What only the agent's stream told stands in another file.
  const printed = join(place.dir, 'stdout.log');
  const printedHandle = openHandles(root).handleOf(printed);
  const own = failures.sources.filter(({ line, handle }) => transcript === printed || handle !== printedHandle(line));
  const wanted = new Map(own.slice(0, MAX_EXCERPTS).map(({ line, handle }) => [line, handle]));
  const excerpts: Excerpt[] = [];
  readTranscript(transcript, {
    handleOf: () => '', // the failures are known: only what was said is looked for
    onEvent: (event, { line }) => {
      const handle = wanted.get(line);
      const text = 'symptom' in event ? textOf(event.symptom) : undefined;
      if (handle === undefined || text === undefined) return;
      wanted.delete(line);
      // Redacted before it is cut: half a secret is not recognised, and half a secret too many.
      excerpts.push({ handle, text: firstLines(redactor.redact(text.slice(0, MAX_REDACTED)).text) });
    },
  });
  return excerpts;
}

/** What the tool printed, or what was said of it. */
function textOf({ output, said }: Symptom): string | undefined {
  return [output, said].find((text) => text !== undefined && text.trim() !== '');
}

function firstLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, MAX_LINES).join('\n').slice(0, MAX_CHARACTERS);
}
