import { join } from 'node:path';
import { answerQuery } from '../../src/server/panel/answerQuery.ts';
import { findSession } from '../../src/logs/sessionFiles.ts';
import { SessionCatalog } from '../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../src/server/panel/sessionReaders.ts';
import { logRootAt } from '../../src/logs/logRoot.ts';

/** Asks of a session what the panel asks: `panelServer ROOT ID`. A program of its own, so that its memory can be told. */
const [root = '', id = ''] = process.argv.slice(2);
if (findSession(logRootAt(root), id) === undefined) throw new Error(`no session ${join(root, id)}`);
const catalog = new SessionCatalog();
catalog.setRoots([root]);
const readers = new SessionReaders(catalog);
const session = { root, id };
const whole = { session, fromMs: undefined, toMs: undefined };

function asked(name: 'overview' | 'series' | 'moment' | 'rows', params: object): Record<string, unknown> {
  const reply = answerQuery({ catalog, readers }, name, { session, ...params });
  if (!reply.ok) throw new Error(`${name}: ${reply.failure.kind}`);
  return { ...reply.value };
}

const startedMs = performance.now();
asked('overview', {});
const { fromMs, toMs } = asked('series', { ...whole, pixels: 1200 });
const openedMs = performance.now() - startedMs;
const [first, last] = [Number(fromMs), Number(toMs)];
let slowestMs = 0;
for (let n = 0; n < 30; n += 1) {
  const at = first + ((n * 0.618_034) % 1) * (last - first);
  const width = (last - first) / 2 ** (n % 12);
  const beganMs = performance.now();
  asked('series', { fromMs: at, toMs: at + width, pixels: 1200 });
  asked('moment', { atMs: at });
  slowestMs = Math.max(slowestMs, performance.now() - beganMs);
}
asked('rows', { ...whole, limit: 200 });
process.stdout.write(`${JSON.stringify({ openedMs: Math.round(openedMs), slowestMs: Math.round(slowestMs) })}\n`);
