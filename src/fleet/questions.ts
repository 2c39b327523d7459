import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QuestionName } from './questionNames.ts';

export interface Question {
  /** What is asked and how to read the answer, for a person. */
  readonly meaning: string;
  /** ClickHouse's SQL; `{since:Float64}` stands for the instant from which on sessions count. */
  readonly sql: string;
}

/** @param folder `media/fleet` */
export function readQuestion(folder: string, name: QuestionName): Question {
  const lines = readFileSync(join(folder, 'questions', `${name}.sql`), 'utf8').split('\n');
  const isComment = (line: string): boolean => line.startsWith('-- ');
  return {
    meaning: lines
      .filter(isComment)
      .map((line) => line.slice(3))
      .join(' '),
    sql: lines
      .filter((line) => !isComment(line))
      .join('\n')
      .trim(),
  };
}

/** The statements that make the four views, in ClickHouse. */
export function readViews(folder: string): readonly string[] {
  return readFileSync(join(folder, 'views.sql'), 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
