import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { nativeProgram } from '../../src/cli/launcher.ts';
import { hostilePlace, KINDS, listing, NOBODY, type Place } from '../cli/attacks/attacks.ts';
import { CLI, until } from '../cli/builtCli.ts';

/*
 * The launcher writes into the folder that its recorder names: the captured output, and the agent's status. Here the
 * recorder is a script, and the folder is not what it was when the recorder made it.
 */

const NATIVE = nativeProgram(CLI, {});
const skip = NATIVE === undefined && 'the native program is not built here';
const places: Place[] = [];
after(() => {
  for (const { home } of places) rmSync(home, { recursive: true, force: true });
});

interface Session {
  readonly place: Place;
  readonly dir: string;
  /** What the recorder says of it. */
  readonly said: string;
}

function madeSession(): Session {
  const place = hostilePlace();
  places.push(place);
  const dir = join(place.root, 'running/live');
  mkdirSync(dir, { mode: 0o700 });
  const { dev, ino } = lstatSync(dir, { bigint: true });
  // A folder outside that has our session's name, for whoever follows a link above it.
  mkdirSync(join(place.outside, 'live'));
  return { place, dir, said: `dir ${dev}:${ino} ${dir}` };
}

/** Runs an agent beside a recorder that says this and waits for the launcher to be done with it. */
async function launchedBeside({ place, said }: Session): Promise<void> {
  const bin = join(place.home, 'bin');
  mkdirSync(bin);
  const done = join(place.home, 'done');
  writeFileSync(join(place.home, 'said'), `${said}\n`);
  const recorder = `#!/bin/sh\ncat ${place.home}/said >&3\ncat <&3 > ${place.home}/heard\n: > ${done}\n`;
  writeFileSync(join(bin, 'node'), recorder, { mode: 0o755 });
  const untouched = listing(place.outside);
  const agent = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
  const [code, stdout, stderr] = await new Promise<readonly [unknown, string, string]>((resolve) => {
    execFile(
      NATIVE ?? '',
      ['run', '--log-dir', place.root, '--id', 'live', '--', ...agent],
      { env: { ...process.env, PATH: `${bin}:/usr/bin:/bin` }, timeout: 20_000 },
      (error, out, err) => resolve([error?.code, out, err]),
    );
  });
  assert.deepEqual([code, stdout, stderr], [3, 'out\n', 'err\n'], 'the agent ran all the same');
  await until('the launcher to be done', () => existsSync(done));
  assert.deepEqual(listing(place.outside), untouched, 'nothing outside was touched');
}

function written({ dir }: Session): readonly (string | undefined)[] {
  return ['stdout.log', 'stderr.log', 'exit-status.json'].map((name) => {
    const path = join(dir, name);
    return existsSync(path) && lstatSync(path).isFile() ? readFileSync(path, 'utf8') : undefined;
  });
}

test('output and status are kept in the folder that the recorder made', { skip }, async () => {
  const session = madeSession();
  await launchedBeside(session);
  const [out, err, status] = written(session);
  assert.deepEqual([out, err], ['out\n', 'err\n']);
  assert.match(status ?? '', /^\{"wait_status":768,"at_ms":\d+\}\n$/);
});

const FOLDERS: Readonly<Record<string, (session: Session) => Session | void>> = {
  'a link to a folder outside': ({ place, dir }) => {
    rmSync(dir, { recursive: true });
    symlinkSync(join(place.outside, 'live'), dir);
  },
  'a folder behind a link in the place of running': ({ place }) => {
    renameSync(join(place.root, 'running'), join(place.home, 'moved'));
    symlinkSync(place.outside, join(place.root, 'running'));
  },
  'a folder that was put in its place': ({ place, dir }) => {
    renameSync(dir, join(place.home, 'moved'));
    renameSync(join(place.outside, 'live'), dir);
  },
  'a pipe': ({ place, dir }) => {
    rmSync(dir, { recursive: true });
    KINDS['a pipe']?.(dir, place.outside);
  },
  'a file': ({ dir }) => {
    rmSync(dir, { recursive: true });
    writeFileSync(dir, '');
  },
  'nothing any more': ({ dir }) => rmSync(dir, { recursive: true }),
  'a folder of another user': ({ dir }) => chownSync(dir, NOBODY, NOBODY),
  'a name without an identity': (session) => ({ ...session, said: `dir ${session.dir}` }),
  'a megabyte that says nothing': (session) => ({ ...session, said: `${'x'.repeat(1_000_000)}\noff` }),
};

for (const [what, attack] of Object.entries(FOLDERS)) {
  const isMine = what.includes('another user') && process.getuid?.() !== 0;
  test(`nothing is kept where the recorder names ${what}`, { skip: skip || isMine }, async () => {
    const made = madeSession();
    const session = attack(made) ?? made;
    await launchedBeside(session);
    assert.deepEqual(written(session), [undefined, undefined, undefined]);
  });
}

const LAUNCHERS_FILES = ['stdout.log', 'stderr.log', 'output.index', '.exit-status.json', 'exit-status.json'];

for (const kind of Object.keys(KINDS).filter((name) => !/bomb|list|256/.test(name))) {
  test(`${kind} in the place of each file that the launcher writes leads it nowhere`, { skip }, async () => {
    const session = madeSession();
    for (const file of LAUNCHERS_FILES) KINDS[kind]?.(join(session.dir, file), session.place.outside);
    const before = listing(session.dir);
    await launchedBeside(session);
    assert.deepEqual(listing(session.dir), before);
  });
}
