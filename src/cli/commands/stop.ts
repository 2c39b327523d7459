import { setTimeout as delay } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { isTraceName } from '../../core/session/devboyTrace.ts';
import { requestStop } from '../../logs/runningSession.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { FOREIGN } from '../../logs/owners.ts';
import { readEnrollment } from '../../logs/sessionIndex.ts';
import { isProcessAlive } from '../../recorder/proc/ownProcess.ts';
import { namedSession } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../failure.ts';
import { recoverAll } from './recover.ts';

/** The recorder looks four times a second, ends the agent with up to 5 s of grace, and then writes its account. */
const PATIENCE_MS = 15_000;

export const stop: Command = {
  usage: 'ID',
  summary: 'Asks the recorder to end a session: TERM, then KILL after a time of grace',
  flagHelp: [],
  flags: {},
  run: async (context) => {
    const { root, place } = namedSession(context);
    if (isTraceName(place.name)) throw new CommandError('A trace has no process that could be stopped.');
    if (place.state === 'finished') throw new CommandError(`Session ${place.name} has already ended.`);
    askToStop(root, place.name);
    const enrollment = readEnrollment(place.dir);
    if (enrollment !== undefined && !isProcessAlive(enrollment.recorder, enrollment.boot_id)) {
      // Nobody is there to ask: a new recorder takes the session over, finds the request, and ends it.
      await recoverAll(context);
    }
    const deadline = performance.now() + PATIENCE_MS;
    while (existsSync(place.dir)) {
      if (performance.now() > deadline) {
        throw new CommandError(
          `Session ${place.name} has not ended within ${PATIENCE_MS / 1000} s; the request stands.`,
        );
      }
      await delay(50);
    }
    context.terminal.out(
      context.args.isSet('json') ? JSON.stringify({ id: place.name, stopped: true }) : `Stopped ${place.name}.`,
    );
    return 0;
  },
};

function askToStop(root: LogRoot, name: string): void {
  try {
    requestStop(root, name);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    if (code === 'ENOENT') return; // it has ended just now
    throw new CommandError(
      code === FOREIGN
        ? `Session ${name} belongs to another user, who alone can stop it.`
        : `Session ${name} cannot be asked to end: ${root.path} cannot be written (${code}).`,
      { cause: error },
    );
  }
}
