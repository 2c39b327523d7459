import { appendIndexLine, type indexLineOf } from '../../src/logs/sessionIndex.ts';
import { healIndex } from '../../src/logs/healIndex.ts';
import { openHandles } from '../../src/logs/handles.ts';
import { appendLifecycleLine } from '../../src/logs/lifecycleLog.ts';
import { logRootAt } from '../../src/logs/logRoot.ts';
import { ALL_OF_THEM, pruneSessions } from '../../src/logs/retention.ts';
import { takeEnrollment } from '../../src/logs/takeOver.ts';
import { ownClaimant } from '../../src/recorder/proc/ownProcess.ts';

/** One of several processes that do the same to one log root at the same moment; says on stdout what came of it. */
const WORK: Readonly<Record<string, (rootPath: string, argument: string) => unknown>> = {
  lifecycle: (rootPath, name) => {
    const failures: string[] = [];
    for (let number = 0; number < 200; number += 1) {
      const line = JSON.stringify({ name, number, filler: 'x'.repeat(60) });
      appendLifecycleLine(logRootAt(rootPath), line, {
        onFailure: (_path, code) => failures.push(code),
        rotateBytes: 50_000,
      });
    }
    return failures;
  },
  index: (rootPath, name) => {
    for (let number = 0; number < 100; number += 1) {
      const line = { session_id: 'x', dir_name: `${name}-${number}` } as ReturnType<typeof indexLineOf>; // enough here
      appendIndexLine(logRootAt(rootPath), line);
    }
    return 'done';
  },
  heal: (rootPath) => healIndex(logRootAt(rootPath), ownClaimant()),
  prune: (rootPath, keep) => pruneSessions(logRootAt(rootPath), Number(keep), ALL_OF_THEM),
  handle: (rootPath, file) => openHandles(logRootAt(rootPath)).handleOf(file)(1),
  take: (_rootPath, dir) => {
    const taken = takeEnrollment(dir, ownClaimant());
    return typeof taken === 'object' ? 'taken' : taken;
  },
};

const [work = '', rootPath = '', argument = ''] = process.argv.slice(2);
process.stdin.resume(); // the start signal is the end of our input; the next one ends us
process.stdout.write('ready\n');
process.stdin.once('end', () => {
  process.stdout.write(`${JSON.stringify(WORK[work]?.(rootPath, argument) ?? null)}\n`);
  // Whoever took something over goes on living until the others have looked: the dead lose their claims.
  setTimeout(() => process.exit(0), 300);
});
