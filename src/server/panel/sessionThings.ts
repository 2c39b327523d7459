import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionThing } from '../../core/panel/sessionView.ts';
import { leftoversFrom } from '../../core/session/readSession.ts';
import { readSummary } from '../../logs/sessionFiles.ts';
import { SUMMARY_FILE } from '../../logs/sessionIndex.ts';

/** What of a session there is, for menus that offer nothing else; kept for as long as its account is the same. */
export class SessionThings {
  readonly #known = new Map<string, { readonly mark: string; readonly things: readonly SessionThing[] }>();

  of(dir: string): readonly SessionThing[] {
    const mark = ['stdout.log', 'stderr.log', SUMMARY_FILE].map((file) => markOf(join(dir, file))).join();
    const known = this.#known.get(dir);
    if (known?.mark === mark) return known.things;
    const hasOutput = ['stdout.log', 'stderr.log'].some((file) => markOf(join(dir, file)) > 0);
    const things: SessionThing[] = [
      ...(hasOutput ? (['output'] as const) : []),
      ...(leftoversFrom(readSummary(dir)).length > 0 ? (['leftovers'] as const) : []),
    ];
    this.#known.set(dir, { mark, things });
    return things;
  }
}

/** Of a file that is there and has something in it. */
function markOf(path: string): number {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined || stat.size === 0 ? 0 : stat.mtimeMs;
  } catch {
    return 0; // not ours to look at
  }
}
