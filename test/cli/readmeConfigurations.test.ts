import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { runCli } from './builtCli.ts';

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
const configurations = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => parse(text) as object);
const [scraping, collecting] = ['scrape_configs', 'receivers'].map((key) =>
  configurations.find((configuration) => key in configuration),
);

interface Collector {
  readonly receivers: { readonly otlp: { readonly protocols: { readonly http: { readonly endpoint: string } } } };
  readonly processors: object;
  readonly exporters: object;
  readonly service: {
    readonly pipelines: Readonly<Record<string, Readonly<Record<'receivers' | 'processors' | 'exporters', string[]>>>>;
  };
}

test('the Prometheus configuration scrapes the port that metrics listens on by default', async () => {
  const { stdout } = await runCli(['metrics', '--help']);
  const [, port = ''] = /where to listen \((\d+)/.exec(stdout) ?? [];
  assert.deepEqual(scraping, {
    scrape_configs: [{ job_name: 'session-diagnostics', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }],
  });
});

test('the Collector receives each signal over HTTP where the example sends them, by parts that are configured', () => {
  const collector = collecting as Collector; // its fields are what is tested
  const { endpoint } = collector.receivers.otlp.protocols.http;
  assert.ok(readme.includes(`--otlp-endpoint http://${endpoint} `));
  assert.deepEqual(Object.keys(collector.service.pipelines).sort(), ['logs', 'metrics', 'traces']);
  for (const pipeline of Object.values(collector.service.pipelines)) {
    for (const part of ['receivers', 'processors', 'exporters'] as const) {
      assert.ok(pipeline[part].length > 0);
      for (const name of pipeline[part]) assert.ok(Object.hasOwn(collector[part], name), name);
    }
  }
});
