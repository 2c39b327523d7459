import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyzed } from './analyze.ts';
import { LOG_OF, type ToolAnswer } from './toolAnswers.ts';

export interface LabelledText extends ToolAnswer {
  /** Every right answer, the best one first; `none` is no failure. */
  readonly labels: readonly string[];
}

export interface Score {
  readonly failures: number;
  readonly detected: number;
  readonly accepted: number;
  readonly benign: number;
  readonly benignFlagged: number;
  readonly misses: readonly string[];
}

const HEAD = /^@@ ([a-z_/]+) \| (-|\d+) \| (.*)$/;

/** The records of `corpus/<name>.txt`, whose first lines say how they are written. */
export function labelledTexts(name: string): readonly LabelledText[] {
  const lines = readFileSync(join(import.meta.dirname, 'corpus', `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n');
  const heads = lines.flatMap((line, at) => {
    const match = HEAD.exec(line);
    return match === null ? [] : [{ match, at }];
  });
  return heads.map(({ match, at }, i) => {
    const text = lines.slice(at + 1, heads[i + 1]?.at).join('\n');
    const [, labels = '', code = '', command = ''] = match;
    const tool = /^tool:(\S+?)(\+?)$/.exec(command);
    return {
      labels: labels.split('/'),
      text,
      command,
      exitCode: code === '-' ? undefined : Number(code),
      tool: tool?.[1],
      hasFailed: tool === null ? code !== '0' : tool[2] === '',
    };
  });
}

/** The formats that can tell a text: all of them, or one, another for each text. */
function logsOf(text: LabelledText, only: number | undefined): [format: string, log: object[]][] {
  const logs = Object.entries(LOG_OF).flatMap(([format, logOf]): [string, object[]][] => {
    const log = logOf(text);
    return log === undefined ? [] : [[format, log]];
  });
  return only === undefined ? logs : logs.slice(only % logs.length).slice(0, 1);
}

/** A text that accepts `none` need not be found, but may be found right. */
export function scoreOf(texts: readonly LabelledText[], formats: 'all' | 'one each'): Score {
  const score = { failures: 0, detected: 0, accepted: 0, benign: 0, benignFlagged: 0 };
  const misses: string[] = [];
  for (const [i, text] of texts.entries()) {
    for (const [format, log] of logsOf(text, formats === 'all' ? undefined : i)) {
      const answers = analyzed(log).sources.filter((source) => !source.rule.startsWith('turn_open'));
      const answer = answers.map((source) => source.category).join('+') || 'none';
      const isAccepted = text.labels.includes(answer);
      if (!isAccepted) misses.push(`${format}: ${answer}, not ${text.labels.join('|')}: ${text.command}`);
      if (text.labels.includes('none')) {
        score.benign++;
        if (!isAccepted) score.benignFlagged++;
      } else {
        score.failures++;
        if (answers.length > 0) score.detected++;
        if (isAccepted) score.accepted++;
      }
    }
  }
  return { ...score, misses };
}
