import { CAPTURED_OUTPUT } from '../words/agentTable.ts';
import { classify, type Diagnosis } from './classify/classify.ts';
import { tellingLines } from './classify/failureText.ts';
import { layerOf, suspectOf } from './suspect.ts';
import type { Failures } from '../session/failures.ts';
import type { Confidence } from '../words/vocabulary.ts';

/** Of a long output only what was said last is the root command's reason. */
const LAST_LINES = 6;

export interface PrintedEnd {
  /** The end of the stream that tells, stderr where anything was printed there. */
  readonly text: string;
  readonly exitCode: number;
  readonly endTs: string;
  /** Of the stream's last line. */
  readonly line: number;
  readonly handle: string;
}

/**
 * Why a command that has ended badly says that it did, by its last words alone. `undefined` where they do not tell: a
 * program that quotes somebody else's error in prose has said nothing of itself. Never more than likely.
 */
export function failuresOfOutput(printed: PrintedEnd): Failures | undefined {
  const diagnosis = diagnosisOf(printed);
  if (diagnosis === undefined || diagnosis.category === 'benign') return undefined;
  const { category, detail, rule } = diagnosis;
  const counts = { [category]: 1 };
  const lines = { total: printed.line, malformed: 0 };
  const suspect = suspectOf({ counts, firm: {}, unclosed: 0, ended_by: category, lines });
  const confidence = atMostLikely(diagnosis.confidence);
  return {
    format: CAPTURED_OUTPUT,
    total_lines: printed.line,
    malformed_lines: 0,
    counts,
    unclosed_turns: { at_end: 0, in_middle: 0 },
    unclosed_calls: 0,
    first_ts: null,
    last_ts: printed.endTs,
    sources: [
      {
        category,
        ...(detail !== undefined && { detail }),
        rule,
        confidence,
        handle: printed.handle,
        line: printed.line,
        ts: printed.endTs,
        exit_code: printed.exitCode,
      },
    ],
    // Nobody knows whether there was a model at all.
    suspect: {
      ...suspect,
      confidence: atMostLikely(suspect.confidence),
      sentence: suspect.sentence.replace('; the model was not at fault', ''),
    },
  };
}

/** A sentence about something, as models and log analysers write them; a program's own error begins otherwise. */
const PROSE =
  /^(?:The|A|An|This|That|These|It|He|She|We|I|You|They|User|There|When|Where|If|In|As|My|Your|Our|Note|Maybe|Perhaps|Found|Saw|Says?|Said|Quote[ds]?)\b[^:]{0,200} \S/;

function diagnosisOf({ text, exitCode }: PrintedEnd): Diagnosis | undefined {
  const output = tellingLines(text)
    .filter((line) => !PROSE.test(line))
    .slice(-LAST_LINES)
    .join('\n');
  const found = classify({ origin: 'call', tool_kind: 'shell', exit_code: exitCode, output });
  // What only the vocabulary of a line, or the exit code's habit, speaks for is no word of the command's own.
  if (found.confidence === 'possible' || layerOf(found.category) !== 'environment') return undefined;
  return found;
}

function atMostLikely(confidence: Confidence): Confidence {
  return confidence === 'certain' ? 'likely' : confidence;
}
