import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../../cli/builtCli.ts';
import { parseMetrics, type Family } from './prometheusText.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string }; readonly overrides: readonly object[] };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
  readonly panels: readonly Panel[];
}

const path = resolve(import.meta.dirname, '../../../media/grafana-dashboard.json');
const dashboard = JSON.parse(readFileSync(path, 'utf8')) as Dashboard;

async function exported(): Promise<ReadonlyMap<string, Family>> {
  const { stdout } = await runCli(['metrics', '--once', '--log-dir', join(tmpdir(), 'session-diagnostics-no-root')]);
  return parseMetrics(stdout);
}

test('every query names only metrics and labels that are exported', async () => {
  const families = await exported();
  const labelsOf = new Map<string, ReadonlySet<string>>();
  for (const { samples } of families.values()) {
    for (const { name, labels } of samples) labelsOf.set(name, new Set(Object.keys(labels)));
  }
  for (const { title, targets } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      const named = expr.match(/session_diagnostics_\w+/g) ?? [];
      assert.ok(named.length > 0, title);
      for (const name of named) assert.ok(labelsOf.has(name), `${title}: ${name} is not exported`);
      const [, by = ''] = /by \(([^)]*)\)/.exec(expr) ?? [];
      const labels = [by, ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? '')];
      for (const label of labels.filter((word) => word !== '')) {
        assert.ok(
          named.some((name) => labelsOf.get(name)?.has(label) === true),
          `${title}: no label ${label}`,
        );
      }
    }
  }
});

test('every exported metric is on the dashboard: what nobody looks at need not be measured', async () => {
  const shown = JSON.stringify(dashboard);
  for (const name of (await exported()).keys()) assert.ok(shown.includes(name), name);
});

test('counters are shown by their increase, and units fit the names', () => {
  for (const { title, targets, fieldConfig } of dashboard.panels) {
    for (const { expr } of targets) {
      for (const [counter] of expr.matchAll(/session_diagnostics_\w+_total/g)) {
        assert.match(expr, new RegExp(`(?:increase|rate)\\(${counter}\\[`), title);
      }
      if (/_bytes\b/.test(expr)) assert.equal(fieldConfig.defaults.unit, 'bytes', title);
      if (/_seconds_bucket/.test(expr)) assert.equal(fieldConfig.defaults.unit, 's', title);
    }
  }
});

test('it has what Grafana needs to import it, asks for its data source, and its panels do not overlap', () => {
  assert.ok(dashboard.title !== '' && /^[\w-]{1,40}$/.test(dashboard.uid) && dashboard.schemaVersion >= 36);
  assert.match(`${dashboard.time.from} ${dashboard.time.to}`, /^now-\d+\w now$/);
  const [variable] = dashboard.templating.list;
  assert.deepEqual([variable?.name, variable?.type, variable?.query], ['datasource', 'datasource', 'prometheus']);
  const taken = new Set<string>();
  for (const { type, datasource, gridPos, targets, fieldConfig } of dashboard.panels) {
    assert.ok(['stat', 'timeseries'].includes(type));
    assert.deepEqual(datasource, { type: 'prometheus', uid: '${datasource}' });
    assert.ok(Array.isArray(fieldConfig.overrides));
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      assert.ok(x < 24);
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(!taken.has(`${x} ${y}`));
        taken.add(`${x} ${y}`);
      }
    }
  }
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
});
