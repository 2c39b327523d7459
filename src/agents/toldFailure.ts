import type { Symptom } from '../core/failures/transcriptEvents.ts';
import { codexOutcome } from './codex/codexOutput.ts';
import { hasFailed, shellReport } from './gemini/geminiError.ts';
import { bounded } from './messageText.ts';

/** "Exit code 1\n...": Claude Code's header. */
const HEADER = /^(?:Error: )?Exit code:? (-?\d{1,9})(?=\n|$)/;
/** "...\n\nCommand exited with code 1": pi's last line. */
const LAST_LINE =
  /(?:^|\n)\[?(?:Command|Process) (?:exited with (?:exit )?code (-?\d{1,9})|(timed out)\b[^\n]{0,80})\]?\s*$/;

/**
 * The failure that an answer tells in the header or the last line that some agent writes around it: for formats that keep
 * the text alone. What a command printed in between is never searched.
 */
export function toldFailure(text: string): Symptom | undefined {
  const report = shellReport(text);
  if (report !== undefined) return hasFailed(report) ? { origin: 'call', ...report } : undefined;
  const header = HEADER.exec(text);
  if (header !== null) return failedWith(Number(header[1]), text.slice(header[0].length));
  const last = LAST_LINE.exec(text.slice(-400));
  const before = last === null ? '' : text.slice(0, text.length - last[0].length);
  if (last?.[2] !== undefined) return { origin: 'call', code: 'timed_out', output: bounded(before) };
  if (last !== null) return failedWith(Number(last[1]), before);
  const outcome = codexOutcome(text);
  // Its bare sentences begin as a file or a program's output may.
  return outcome.type === 'failed' && outcome.symptom.exit_code !== undefined ? outcome.symptom : undefined;
}

function failedWith(exitCode: number, output: string): Symptom | undefined {
  return exitCode === 0 ? undefined : { origin: 'call', exit_code: exitCode, output: bounded(output) };
}
