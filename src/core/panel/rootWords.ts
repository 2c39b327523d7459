import { displayText } from '../words/displayText.ts';
import type { RootStatus } from './serverProtocol.ts';

/** What is wrong with a log folder, and what to do; `undefined` when nothing is. Not there yet is nothing wrong. */
export function rootProblem({ root, condition, part, code }: RootStatus): string | undefined {
  const name = displayText(part === undefined ? root : `${root}/${part}`, 300);
  switch (condition) {
    case 'readable':
    case 'missing':
      return undefined;
    case 'gone':
      return `${name} has been removed or moved away. Its sessions can be read when it is back; the next session makes it anew.`;
    case 'unreadable':
      return `${name} cannot be read (${code ?? 'unknown error'}). Check its owner and permissions.`;
    case 'not_a_directory':
      return `${name} is not a folder. ${part === undefined ? 'Choose another log directory in the settings.' : 'Move it away.'}`;
  }
}
