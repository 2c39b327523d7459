import assert from 'node:assert/strict';

/** A strict reader of Prometheus' text exposition format 0.0.4, with the rules that `promtool check metrics` adds. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;

export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family & { samples: Sample[] }>();
  let help: { readonly name: string; readonly text: string } | undefined;
  let current: (Family & { samples: Sample[] }) | undefined;
  const series = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, helpName, helpText] = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line) ?? [];
    if (helpName !== undefined && helpText !== undefined) {
      help = { name: helpName, text: helpText };
      continue;
    }
    const [, name, type] = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      assert.equal(help?.name, name, `${name}: HELP and TYPE stand together`);
      assert.ok(!families.has(name), `${name} is told once`);
      current = { name, type: type as Family['type'], help: help?.text ?? '', samples: [] }; // the expression's own words
      families.set(name, current);
      continue;
    }
    const sample = sampleOf(line);
    assert.ok(current !== undefined && belongsTo(sample.name, current), `${line}: a sample of the family above it`);
    const key = keyOf(sample);
    assert.ok(!series.has(key), `${line}: a series is there once`);
    series.add(key);
    current.samples.push(sample);
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function sampleOf(line: string): Sample {
  const [, name, labelText = '', value] = SAMPLE.exec(line) ?? [];
  assert.ok(name !== undefined && value !== undefined, `${line}: a sample`);
  const labels: Record<string, string> = {};
  for (let rest = labelText; rest !== '';) {
    const found = LABEL.exec(rest);
    assert.ok(found !== null, `${line}: labels`);
    const [whole, label = '', labelValue = ''] = found;
    assert.ok(!Object.hasOwn(labels, label), `${line}: a label is there once`);
    labels[label] = labelValue;
    rest = rest.slice(whole.length);
  }
  const number = value === '+Inf' ? Infinity : Number(value);
  assert.ok(!Number.isNaN(number), `${line}: a number`);
  return { name, labels, value: number };
}

function belongsTo(name: string, { name: family, type }: Family): boolean {
  return type === 'histogram'
    ? [`${family}_bucket`, `${family}_sum`, `${family}_count`].includes(name)
    : name === family;
}

function checkFamily({ name, type, samples }: Family): void {
  assert.equal(type === 'counter', name.endsWith('_total'), `${name}: _total is for counters`);
  assert.doesNotMatch(name, /_(?:milliseconds|ms|minutes|hours|kb|mb|kilobytes|megabytes|percent)(?:_|$)/, name);
  if (type === 'counter')
    assert.ok(
      samples.every(({ value }) => value >= 0),
      `${name} never falls below zero`,
    );
  if (type !== 'histogram') return;
  const buckets = samples.filter((sample) => sample.name.endsWith('_bucket'));
  let below = { le: -Infinity, value: 0 };
  for (const { labels, value } of buckets) {
    const le = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
    assert.ok(le > below.le && value >= below.value, `${name}: buckets add up`);
    below = { le, value };
  }
  assert.equal(below.le, Infinity);
  assert.equal(below.value, samples.find((sample) => sample.name.endsWith('_count'))?.value);
}

/** The value of one series; every label has to be given. */
export function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const wanted = keyOf({ name, labels });
  for (const family of parseMetrics(text).values()) {
    for (const sample of family.samples) {
      if (keyOf(sample) === wanted) return sample.value;
    }
  }
  return undefined;
}

function keyOf({ name, labels }: Pick<Sample, 'name' | 'labels'>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
