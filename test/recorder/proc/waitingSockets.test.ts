import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createDetector } from '../../../src/core/anomalies/findAnomalies.ts';
import { isRecord, recordOf, type JsonRecord } from '../../../src/core/words/json.ts';
import { stallSentence } from '../../../src/core/anomalies/stallSentence.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { NO_PROGRESS, Recording } from '../../../src/recorder/session/recording.ts';
import { countSockets } from '../../../src/recorder/proc/socketTables.ts';
import { socketsOf } from '../../../src/recorder/proc/waitingSockets.ts';
import { eventually, PYTHON, samplerOf, started, until } from '../realProcesses.ts';

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sockets-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** What `program` needs, the listening socket of its own machine, and how it tells that it is set up and waits now. */
const FRAME = `
import os, select, socket, sys, time
listening = socket.socket()
listening.bind(('127.0.0.1', int(sys.argv[2])))
listening.listen(0)
def wait():
    open(sys.argv[1], 'w').close()
    time.sleep(600)
`;

interface Waiting {
  readonly port?: number;
  /** Programs that start it. */
  readonly below?: readonly string[];
}

/** Starts a shell that waits for a Python program, and returns when that waits too. */
async function shellWaitingFor(t: TestContext, program: string, waiting: Waiting = {}): Promise<number> {
  const { port = 0, below = [] } = waiting;
  const mark = join(scratch(t), 'ready');
  const command = [...below, PYTHON, '-c', FRAME + program, mark, `${port}`];
  const pid = started(t, ['sh', '-c', '"$@"; :', 'sh', ...command]);
  await until('the program to wait', () => existsSync(mark));
  return pid;
}

/** Each sample is dated as if so much time lay between two: ten quiet minutes are over with the fourth. */
const STEP_SECONDS = 200;

/** Records a process, as the program does, until it has stalled: what is written of that. */
async function stallOf(t: TestContext, rootPid: number): Promise<JsonRecord> {
  const written: JsonRecord[] = [];
  let nowMs = Date.UTC(2026, 2, 3);
  const intervalSeconds = STEP_SECONDS;
  const recording = new Recording({
    sessionId: 'stalled',
    store: {
      append: (file, record) => file === 'anomalies' && isRecord(record) && written.push(record),
      appendLifecycle: () => undefined,
    },
    clock: { stamp: () => isoFromMs((nowMs += STEP_SECONDS * 1000)) },
    sampler: samplerOf(t, rootPid),
    detector: createDetector({ mode: 'calibrated', pid: rootPid, expectedComm: undefined, cores: 1, intervalSeconds }),
    intervalMs: 100,
    outputBytes: () => 0,
    onSample: () => undefined,
    onLook: () => undefined,
    progress: NO_PROGRESS,
  });
  recording.start();
  try {
    const stall = await eventually('a stall', () => written.find(({ kind }) => kind === 'stalled'));
    return recordOf(stall['detail']) ?? {};
  } finally {
    await recording.end();
  }
}

const NONE = countSockets(new Set(), { inet: [], unix: '' });

function socketsIn(detail: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(detail).filter(([name]) => name.startsWith('sockets_')));
}

test('a stall tells the connection of the process that the others wait for', async (t) => {
  const detail = await stallOf(
    t,
    await shellWaitingFor(t, 'c = socket.create_connection(listening.getsockname())\nd = os.dup(c.fileno())\nwait()'),
  );
  assert.match(String(detail['waiting_comm']), /^python/);
  assert.deepEqual(socketsIn(detail), { ...NONE, sockets_established_other: 1 });
  assert.ok(stallSentence(detail).endsWith('. It has 1 open connection.'), stallSentence(detail));
});

test('a stall tells who is not answered, and whom the other end has left', async (t) => {
  // The queue of the listening socket holds one connection: the kernel drops whoever asks for the next.
  const program = `
left = socket.create_connection(listening.getsockname())
listening.accept()[0].close()
left.recv(1)
queued = socket.create_connection(listening.getsockname())
select.select([listening], [], [])
unanswered = socket.socket()
unanswered.setblocking(False)
unanswered.connect_ex(listening.getsockname())
pair = socket.socketpair()
wait()`;
  const detail = await stallOf(t, await shellWaitingFor(t, program));
  assert.deepEqual(socketsIn(detail), {
    ...NONE,
    sockets_established_other: 1,
    sockets_connecting: 1,
    sockets_close_wait: 1,
    sockets_unix: 2,
  });
  assert.ok(
    stallSentence(detail).endsWith(
      '. It has 1 open connection, 1 connection attempt without an answer, 1 connection that the other end has closed and 2 local sockets.',
    ),
    stallSentence(detail),
  );
});

const OWN_NETWORK = ['unshare', '--user', '--map-root-user', '--net'];
const canUnshare = spawnSync('unshare', [...OWN_NETWORK.slice(1), 'true']).status === 0;

test('a process in a container has its container’s sockets', { skip: !canUnshare && 'no namespaces' }, async (t) => {
  // Alone in its network it may listen where HTTPS does, once the loopback device is up (SIOCSIFFLAGS: IFF_UP).
  const up = `import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 1))`;
  const program = 'c = socket.create_connection(listening.getsockname())\nwait()';
  const below = [...OWN_NETWORK, 'sh', '-c', `${PYTHON} -c "$0" && exec "$@"`, up];
  const detail = await stallOf(t, await shellWaitingFor(t, program, { port: 443, below }));
  assert.deepEqual(socketsIn(detail), { ...NONE, sockets_established_https: 1 });
  assert.ok(stallSentence(detail).endsWith('. It has 1 open HTTPS connection.'), stallSentence(detail));
});

test('a process without a connection is said to have none, and one that is gone nothing', async (t) => {
  const detail = await stallOf(t, await shellWaitingFor(t, 'listening.close()\nwait()'));
  assert.ok(stallSentence(detail).endsWith('. It has no network connection.'), stallSentence(detail));
  const gone = spawnSync('true').pid;
  assert.equal(socketsOf(`/proc/${gone}`), undefined);
});

/** A copy of what /proc shows of a process. */
function copiedProcess(t: TestContext, descriptors: number, tcp: string): string {
  const dir = scratch(t);
  mkdirSync(join(dir, 'fd'));
  mkdirSync(join(dir, 'net'));
  for (let fd = 0; fd < descriptors; fd += 1) symlinkSync(`socket:[${fd + 1}]`, join(dir, 'fd', `${fd}`));
  writeFileSync(join(dir, 'net', 'tcp'), tcp);
  writeFileSync(
    join(dir, 'net', 'unix'),
    'Num       RefCount Protocol Flags    Type St Inode Path\n0: 2 0 0 1 01 1 @x\n',
  );
  return dir;
}

test('what is too much to look at is not half counted', (t) => {
  const many = copiedProcess(t, 1000, 'titles\n');
  assert.deepEqual(socketsOf(many), { ...NONE, sockets_unix: 1 });
  symlinkSync('/dev/null', join(many, 'fd', '1000'));
  assert.equal(socketsOf(many), undefined);
  assert.equal(socketsOf(copiedProcess(t, 1, 'x'.repeat(1_048_576))), undefined);
});
