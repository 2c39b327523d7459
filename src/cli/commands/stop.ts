import { setTimeout as delay } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { isTraceName } from '../../core/devboyTrace.ts';
import { requestStop } from '../../logs/runningSession.ts';
import { readEnrollment } from '../../logs/sessionIndex.ts';
import { isProcessAlive } from '../../recorder/ownProcess.ts';
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
    requestStop(root, place.name);
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
