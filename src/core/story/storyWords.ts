import { withoutFolder } from '../words/commandText.ts';
import { displayText } from '../words/displayText.ts';
import type { ProcessFact } from './storyFacts.ts';

const MAX_COMMAND = 160;

/** A command as a line of a story shows it. */
export function commandWords(command: string): string {
  const shown = displayText(withoutFolder(command.trim()), MAX_COMMAND).replaceAll('`', "'");
  return `\`${shown}\``;
}

/** `python3 build.py` (pid 25984) */
export function processWords({
  pid,
  comm,
  command,
}: Pick<ProcessFact, 'comm' | 'command'> & { pid?: number | undefined }): string {
  const name =
    command === undefined || command.trim() === '' ? displayText(comm ?? 'a process', 40) : commandWords(command);
  return pid === undefined ? name : `${name} (pid ${pid})`;
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** The first line of a text of a log. */
export function firstLine(text: string, most = 200): string {
  return displayText((text.split('\n').find((line) => line.trim() !== '') ?? '').trim(), most);
}
