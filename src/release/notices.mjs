// The licences of what is bundled, and the list of it that goes with a release.
import { readdirSync, readFileSync } from 'node:fs';

const read = (path) => readFileSync(path, 'utf8');

/** What programs carry goes with its licence, and the bundler knows what they carry: folders such as `node_modules/yaml`. */
export function packagesIn(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
  return [...folders].sort((a, b) => a.localeCompare(b));
}

/** A package's own licence and notice files; where it has none, what its package.json says. */
function licenceOf(folder) {
  const { name, version, license, author } = JSON.parse(read(`${folder}/package.json`));
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|notice|copying)(?:[.-]|$)/i.test(file))
    .map((file) => read(`${folder}/${file}`).replaceAll('\r\n', '\n').trim());
  const by = typeof author === 'string' ? author : (author?.name ?? 'its authors');
  return {
    title: `${name} ${version} (${license})`,
    text: texts.length > 0 ? texts.join('\n\n') : license === 'MIT' ? mitOf(by) : `Licensed under ${license} by ${by}.`,
  };
}

/** The licence in full, as it asks for, with the name of who wrote the package. */
function mitOf(author) {
  const ours = read('LICENSE').trim();
  return ours.replace(/^Copyright .*$/m, `Copyright (c) ${author}`);
}

/** Packages that share a text, as those of one project do, share its place. */
export function noticesOf(folders) {
  const byText = new Map();
  for (const folder of folders) {
    const { title, text } = licenceOf(folder);
    byText.set(text, [...(byText.get(text) ?? []), title]);
  }
  byText.set(mitOf('2005-2020 Rich Felker, et al.'), ['musl 1.2 (MIT)']); // the C library in a release's native program
  const parts = [...byText].map(([text, titles]) => `${[...new Set(titles)].join('\n')}\n\n${text}`);
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `Session Diagnostics contains code of these packages, under their licences.${rule}${parts.join(rule)}\n`;
}

/** What a release is made of, in CycloneDX 1.6: each bundled package at its version. No time, so that builds agree. */
export function sbomOf(folders) {
  const { name, version, license } = JSON.parse(read('package.json'));
  const locked = JSON.parse(read('package-lock.json')).packages;
  const own = { type: 'application', 'bom-ref': purlOf(name, version), name, version, licenses: licences(license) };
  const components = folders.map((folder) => componentOf(folder, locked[folder]?.integrity));
  const byRef = new Map(components.map((component) => [component['bom-ref'], component]));
  return `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: { component: { ...own, purl: own['bom-ref'] } },
      components: [...byRef.values(), MUSL],
      dependencies: [{ ref: own['bom-ref'], dependsOn: [...byRef.keys(), MUSL['bom-ref']] }],
    },
    null,
    2,
  )}\n`;
}

/** In the native program. */
const MUSL = {
  type: 'library',
  'bom-ref': 'pkg:generic/musl@1.2',
  name: 'musl',
  version: '1.2',
  purl: 'pkg:generic/musl@1.2',
  licenses: licences('MIT'),
};

function componentOf(folder, integrity) {
  const { name, version, license } = JSON.parse(read(`${folder}/package.json`));
  const ref = purlOf(name, version);
  const [algorithm, digest] = integrity?.split('-') ?? [];
  const hashes =
    algorithm === 'sha512' ? [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] : [];
  return { type: 'library', 'bom-ref': ref, name, version, purl: ref, licenses: licences(license), hashes };
}

function purlOf(name, version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function licences(id) {
  return [{ license: { id } }];
}
