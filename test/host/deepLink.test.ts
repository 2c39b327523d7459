import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, startCli } from '../cli/builtCli.ts';
import { editorTests } from '../rig/editorTests.ts';

const run = ['--interval', '0.1', '--id', 'linked', '--', 'sh', '-c', 'sleep 2; echo bye >&2; exit 3'];
const inEditor = editorTests({}, async (rig) => {
  await runCli(['run', '--log-dir', rig.logRoot, ...run], { cwd: rig.workspace });
});

inEditor('a link that the command prints in a terminal of the editor lands on the moment', async (rig) => {
  const { page } = rig;
  const env = { SESSION_DIAGNOSTICS_LINK_SCHEME: 'code-oss' };
  const shown = await startCli(['show', 'linked', '--log-dir', rig.logRoot], { env }).finished;
  const link = /code-oss:\/\/session-diagnostics\.session-diagnostics\/session\?id=linked&at=(\d+)/.exec(shown.stdout);
  assert.ok(link !== null, shown.stdout);
  const trace = readFileSync(join(rig.logRoot, 'sessions/linked/proc_trace.jsonl'), 'utf8').trimEnd().split('\n');
  const samples = trace.map((line) => JSON.parse(line) as { readonly seq: number; readonly captured_at: string });
  const away = ({ captured_at: at }: { readonly captured_at: string }) => Math.abs(Date.parse(at) - Number(link[1]));
  const [nearest, second] = samples.toSorted((a, b) => away(a) - away(b));
  await rig.command('Developer: Open URL');
  await rig.enter(link[0]);
  await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Open', exact: true }).click();
  const panel = await rig.panel();
  // Two may be equally near.
  await panel.getByRole('heading', { name: new RegExp(`sample (?:${nearest?.seq}|${second?.seq})\\b`) }).waitFor();
});
