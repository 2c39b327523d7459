// What a release is made of, in CycloneDX 1.6, and whether something is known against any of it: `node sbom.mjs audit`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = import.meta.dirname;
const SBOM = 'dist/sbom.cdx.json';
const json = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** Each package whose code is bundled, at its version: folders such as `node_modules/yaml`. No time, so that builds agree. */
export function sbomOf(folders) {
  const { name, version, license } = json('package.json');
  const locked = json('package-lock.json').packages;
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
  const { name, version, license } = json(`${folder}/package.json`);
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

/** Asks npm of exactly what is bundled, not of the tools that bundle it. */
function audit() {
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-audit-'));
  try {
    const bundled = json(SBOM).components.filter(({ purl }) => purl.startsWith('pkg:npm/'));
    // Two versions of one package can be in it: each under a name of its own.
    const wanted = bundled.map(({ name, version }, at) => [`bundled-${at}`, `npm:${name}@${version}`]);
    const manifest = { private: true, dependencies: Object.fromEntries(wanted) };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const npm = (...args) => spawnSync('npm', args, { cwd: folder, stdio: 'inherit' }).status ?? 1;
    process.exitCode = npm('install', '--package-lock-only', '--ignore-scripts', '--no-audit') || npm('audit');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main && process.argv[2] === 'audit') audit();
