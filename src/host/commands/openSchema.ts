import { Uri, window, workspace } from 'vscode';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pick } from '../surfaces.ts';

const MEANINGS: Readonly<Record<string, string>> = {
  'grafana-dashboard.json': 'a dashboard of the metrics for Grafana: Dashboards, New, Import',
  'verdict.schema.json': 'what `verdict --json` prints, and `run --on-end` hands over',
  'report.schema.json': 'what `report --format json` prints',
};

/** What the package brings along for other programs, each opened as it is. */
export async function openSchema(media: string): Promise<void> {
  const names = (await readdir(media)).filter((name) => name.endsWith('.json')).toSorted();
  const choices = names.map((name) => ({ value: name, label: name, detail: MEANINGS[name] ?? 'a schema in JSON' }));
  const name = await pick(choices, { title: 'Open Dashboard or Schema' });
  if (name === undefined) return;
  await window.showTextDocument(await workspace.openTextDocument(Uri.file(join(media, name))));
}
