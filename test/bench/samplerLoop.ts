import { readFileSync } from 'node:fs';
import { jsonLine } from '../../src/core/json.ts';
import { snapshotRecord } from '../../src/core/snapshot.ts';
import { isoFromMs } from '../../src/core/time.ts';
import { createSampler } from '../../src/recorder/sampler.ts';

/**
 * A sampler in a process of its own: `samplerLoop PID INTERVAL_MS SECONDS`. Serialises every sample as a recorder does,
 * then prints what that cost as one JSON line. Without a PID it idles: the bare process to compare with.
 */
const [pid = '', intervalMs = '1000', seconds = '20'] = process.argv.slice(2);

if (pid !== '') {
  const sampler = createSampler({ rootPid: Number(pid) });
  let seq = 0;
  const take = async (): Promise<void> => {
    const { snapshot, processes } = await sampler.sample(0);
    const ts = isoFromMs(Date.now());
    if (snapshot === undefined) throw new Error('the tree is gone');
    const line = jsonLine(snapshotRecord({ ...snapshot, ts, seq, event: 'snapshot', captured_at: ts }));
    const treeLine = jsonLine({ ts, seq, output_bytes: 0, processes });
    if (line.length + treeLine.length > 1_000_000 || processes.length < 2) throw new Error('not the tree to measure');
    seq += 1;
  };
  await take(); // compiles the code and starts pidusage's getconf once
  setInterval(() => void take(), Number(intervalMs));
}

const before = process.cpuUsage();
const startedMs = performance.now();
setTimeout(
  () => {
    const { user, system } = process.cpuUsage(before);
    const cpuShare = (user + system) / 1000 / (performance.now() - startedMs);
    console.log(JSON.stringify({ cpuShare, privateKb: privateKb() }));
    process.exit();
  },
  Number(seconds) * 1000,
);

function privateKb(): number {
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
  const lines = rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+)/gm);
  return [...lines].reduce((sum, [, kb]) => sum + Number(kb), 0);
}
