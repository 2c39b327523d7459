import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openFile, readText, type Opening } from '../../src/logs/door.ts';
import { removeTree, withFolder, writeIn } from '../../src/logs/folders.ts';
import { scratchFolder } from './scratch.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const OPENINGS: readonly Opening[] = ['read', 'named', 'append', 'append_shared', 'change'];
const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;

test('what is no regular file is refused at once, however it is opened', async () => {
  const folder = scratchFolder();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  mkdirSync(join(folder, 'folder'));
  symlinkSync('/dev/zero', join(folder, 'zero'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  const server = createServer().listen(join(folder, 'socket'));
  await new Promise((done) => server.once('listening', done));
  for (const name of ['pipe', 'folder', 'zero', 'dangling', 'socket']) {
    for (const opening of OPENINGS) {
      assert.throws(() => closeSync(openFile(join(folder, name), opening)), Error, `${name}, ${opening}`);
    }
  }
  server.close();
  assert.deepEqual(readdirSync(folder).includes('nowhere'), false, 'nothing was made behind a link');
});

test('a file that a person named is read through a link, one that we write never is', () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'file'), 'x');
  symlinkSync('file', join(folder, 'link'));
  closeSync(openFile(join(folder, 'link'), 'named'));
  for (const opening of OPENINGS.filter((each) => each !== 'named')) {
    assert.throws(() => openFile(join(folder, 'link'), opening), { code: 'ELOOP' }, opening);
  }
  assert.throws(() => openFile(join(folder, 'link'), 'create'), { code: 'EEXIST' });
  assert.throws(() => readText(join(folder, 'file'), 0), { code: 'EFBIG' });
});

test('another user’s file and folder are read, and not written', { skip: !IS_ROOT && 'needs root' }, () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'theirs'));
  writeFileSync(join(folder, 'theirs', 'file'), 'x');
  for (const path of ['theirs', 'theirs/file']) chownSync(join(folder, path), NOBODY, NOBODY);
  assert.equal(
    withFolder(folder, ['theirs'], 'read', (theirs) => readText(theirs.at('file'), 9)),
    'x',
  );
  for (const need of ['write', 'own', 'make'] as const) {
    assert.throws(() => withFolder(folder, ['theirs'], need, () => undefined), { code: 'EFOREIGN' }, need);
  }
  for (const opening of ['append', 'append_shared', 'change'] as const) {
    assert.throws(() => openFile(join(folder, 'theirs', 'file'), opening), { code: 'EFOREIGN' }, opening);
  }
});

test(
  'a folder whose name is swapped for a link meanwhile is still the folder that was looked at',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  () => {
    const folder = scratchFolder();
    const outside = scratchFolder();
    writeFileSync(join(outside, 'precious'), 'x');
    for (const path of ['inner', 'inner/tree', 'inner/tree/deep']) mkdirSync(join(folder, path));
    symlinkSync(outside, join(folder, 'inner/tree/deep/link'));
    withFolder(folder, ['inner'], 'write', (inner) => {
      renameSync(join(folder, 'inner'), join(folder, 'moved'));
      symlinkSync(outside, join(folder, 'inner'));
      writeIn(inner, 'written', 'y');
      removeTree(inner, 'tree');
    });
    assert.deepEqual(readdirSync(outside), ['precious']);
    assert.deepEqual(readdirSync(join(folder, 'moved')), ['written']);
    assert.throws(() => withFolder(folder, ['inner'], 'read', () => undefined), { code: 'ELOOP' });
    rmSync(join(folder, 'inner'));
  },
);

/** Everything of node:fs that opens, makes or removes something by its path. */
const BY_PATH =
  /\b(?:openSync|openAsBlob|opendir(?:Sync)?|readFileSync|writeFileSync|appendFileSync|create(?:Read|Write)Stream|copyFileSync|cpSync|truncateSync|readdirSync|mkdirSync|mkdtempSync|rmSync|rmdirSync|unlinkSync|renameSync|linkSync|symlinkSync|chmodSync|chownSync|utimesSync)\b|from 'node:fs\/promises'/g;

const OWN_SCRATCH = 'a fresh folder of our own among the temporary ones, and a new file that a person named';
const KERNEL = 'the kernel’s own files: /proc, /sys, /dev/kmsg';
const IN_A_FOLDER = 'only names of a folder that is held open (folders.ts), and descriptors of the door';

/** Where it is used all the same, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
  'src/logs/door.ts': 'the door itself',
  'src/logs/folders.ts': 'the way to it',
  'src/logs/handles.ts': IN_A_FOLDER,
  'src/logs/healIndex.ts': IN_A_FOLDER,
  'src/logs/incidentFiles.ts': IN_A_FOLDER,
  'src/logs/lifecycleLog.ts': IN_A_FOLDER,
  'src/logs/retention.ts': IN_A_FOLDER,
  'src/logs/runningSession.ts': IN_A_FOLDER,
  'src/logs/spool.ts': IN_A_FOLDER,
  'src/logs/takeOver.ts': IN_A_FOLDER,
  'src/logs/treeWriter.ts': IN_A_FOLDER,
  'src/agents/placedFiles.ts': 'lists the folders of agents, which may be links, as ~/.claude often is',
  'src/agents/allLogs.ts': 'lists the folders of agents, which may be links, as ~/.claude often is',
  'src/agents/openCode/openCodeDatabase.ts': 'the agent’s own database, below its own folder',
  'src/server/panel/rootStatus.ts': 'tries whether the root itself may be listed',
  'src/cli/besideRun.ts': 'a descriptor that the launcher gave us',
  'src/recorder/run/limitGroups.ts': KERNEL,
  'src/recorder/run/protection.ts': KERNEL,
  'src/cli/launcher.ts': KERNEL,
  'src/cli/openedBundles.ts': OWN_SCRATCH,
  'src/cli/commands/bundle.ts': OWN_SCRATCH,
  'src/cli/commands/open.ts': OWN_SCRATCH,
  'src/cli/fleet/writeParquet.ts': OWN_SCRATCH,
  'src/cli/install/watchUnit.ts': 'the user’s own folder of systemd units',
  'src/cli/commands/watch.ts': KERNEL,
  'src/recorder/watch/agentProcess.ts': KERNEL,
  'src/recorder/watch/agentScan.ts': KERNEL,
  'src/recorder/watch/recordedElsewhere.ts': KERNEL,
  'src/sessions/openSession.ts': OWN_SCRATCH,
  'src/cli/htmlReport.ts': OWN_SCRATCH,
  'src/cli/ci/intoTrajectory.ts': 'a descriptor of the door',
  'src/cli/ci/ciFiles.ts': 'a file of the CI system, in a container often of another user',
  'src/cli/publication.ts': KERNEL,
  'src/sessions/machine/kernelRing.ts': KERNEL,
  'src/sessions/machine/lockedThreads.ts': KERNEL,
  'src/sessions/machine/machineState.ts': KERNEL,
  'src/sessions/unrecorded/liveAgents.ts': KERNEL,
  'src/sessions/reportedSession.ts': KERNEL,
  'src/recorder/proc/bootId.ts': KERNEL,
  'src/recorder/coroner/capabilities.ts': KERNEL,
  'src/recorder/coroner/bornPids.ts': KERNEL,
  'src/recorder/coroner/deathWitness.ts': KERNEL,
  'src/recorder/coroner/exitNotices.ts': KERNEL,
  'src/recorder/coroner/kernelLog.ts': KERNEL,
  'src/recorder/coroner/signalWitness.ts': KERNEL,
  'src/recorder/coroner/traceInstance.ts': KERNEL,
  'src/recorder/coroner/witnessSetup.ts':
    'the kernel’s trace and a folder of root’s own below /run, set up by root on request',
  'src/recorder/coroner/killers.ts': KERNEL,
  'src/recorder/proc/linuxSampler.ts': KERNEL,
  'src/recorder/coroner/oomCounters.ts': KERNEL,
  'src/recorder/proc/openFiles.ts': KERNEL,
  'src/recorder/proc/ownProcess.ts': KERNEL,
  'src/recorder/coroner/resourceLimits.ts': KERNEL,
  'src/recorder/proc/procFiles.ts': KERNEL,
  'src/recorder/run/redactedOutput.ts': 'descriptors that the launcher gave us',
  'src/recorder/session/recordAttached.ts': KERNEL,
  'src/recorder/session/recording.ts': KERNEL,
  'src/recorder/proc/systemReadings.ts': KERNEL,
  'src/recorder/proc/textReader.ts': KERNEL,
  'src/recorder/proc/tmux.ts': KERNEL,
  'src/recorder/coroner/tmuxWatch.ts': KERNEL,
  'src/recorder/proc/waitingSockets.ts': KERNEL,
  'src/recorder/proc/workingDisk.ts': 'asks a file system how full it is, and opens nothing',
};

test('nothing of a log root or a workspace is opened, made or removed but through the door', () => {
  const others: string[] = [];
  const needed = new Set<string>();
  for (const room of [
    'src/logs',
    'src/agents',
    'src/sessions',
    'src/telemetry',
    'src/cli',
    'src/server',
    'src/recorder',
  ]) {
    for (const name of readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })) {
      const file = `${room}/${name}`;
      const found = file.endsWith('.ts') ? readFileSync(join(ROOT, file), 'utf8').match(BY_PATH) : null;
      if (found === null) continue;
      needed.add(file);
      if (!(file in ALLOWED)) others.push(`${file}: ${[...new Set(found)].join(', ')}`);
    }
  }
  assert.deepEqual(others, [], 'use openFile, readText, withFolder or entriesOf, or give the reason above');
  assert.deepEqual(
    Object.keys(ALLOWED).filter((file) => !needed.has(file)),
    [],
    'no longer needed',
  );
});
