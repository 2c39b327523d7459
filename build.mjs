// Builds everything in dist/: `node build.mjs [PART...] [--watch] [--release]`, parts as below. --release: both
// architectures of the native program, linked with musl, and dist/sbom.cdx.json.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { build, context } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
const common = { bundle: true, outdir: 'dist', logLevel: 'warning' };
const node = { ...common, platform: 'node', format: 'esm', target: 'node20', banner: { js: REQUIRE } };
const editor = { ...common, platform: 'node', format: 'cjs', target: 'node22', minify: true };

/** Each program, or group of programs, by the name it can be built alone with. */
export const BUNDLES = {
  cli: [
    {
      ...node,
      entryPoints: { cli: 'src/cli/main.ts' },
      // Everything but a plain `run` is in a file of its own, which that does not load.
      splitting: true,
      chunkNames: 'cli-[name]',
      minify: true,
      define: { PRODUCT_VERSION: JSON.stringify(version) },
    },
    {
      ...node,
      entryPoints: {
        metrics: 'src/telemetry/metrics/metricsBundle.ts',
        otlp: 'src/telemetry/otlp/otlpBundle.ts',
        mcp: 'src/mcp/mcpBundle.ts',
      },
      mainFields: ['module', 'main'], // jsonc-parser's other form cannot be bundled
      define: { PRODUCT_VERSION: JSON.stringify(version) },
      minify: true,
    },
    { ...node, entryPoints: { trace: 'src/cli/traceLibrary.ts' }, minify: true, banner: {} },
  ],
  server: [{ ...editor, entryPoints: { server: 'src/server/main.ts' }, outExtension: { '.js': '.cjs' } }],
  host: [
    {
      ...editor,
      entryPoints: ['src/host/extension.ts', 'src/host/backendParts.ts'],
      external: ['vscode', './backendParts.cjs'],
      outExtension: { '.js': '.cjs' },
    },
  ],
  webview: [
    {
      ...common,
      platform: 'browser',
      format: 'iife',
      target: 'chrome134',
      minify: true,
      entryPoints: [
        { in: 'webview/main.ts', out: 'webview' },
        { in: 'webview/style.css', out: 'webview' },
        // The colours of the same page as a file of its own: `report --format html` puts all three into it.
        { in: 'webview/page/sharedLink.css', out: 'shared' },
      ],
    },
  ],
};
/** Compilers by how small their program is: musl's 80 KB, glibc's 710 KB. Static: it must run wherever Node does. */
const COMPILERS = {
  x64: ['musl-gcc', 'x86_64-linux-gnu-gcc', 'gcc', 'cc'],
  arm64: ['aarch64-linux-musl-gcc', 'aarch64-linux-gnu-gcc', 'gcc', 'cc'],
};
const SMALL = ['-std=gnu17', '-Os', '-Wall', '-Wextra', '-static', '-s'];
const SECTIONS = ['-ffunction-sections', '-fdata-sections', '-Wl,--gc-sections'];

/** Without a compiler there is no native program: `run` then works as TypeScript can, and doctor says so. */
function buildNative(arch, isRelease) {
  const sources = readdirSync('src/native').filter((name) => name.endsWith('.c'));
  const folder = `dist/native/linux-${arch}`;
  mkdirSync(folder, { recursive: true });
  const output = `${folder}/session-diagnostics`;
  const isNewer = (name) => statSync(`src/native/${name}`).mtimeMs > statSync(output).mtimeMs;
  const hasIt = statSync(output, { throwIfNoEntry: false }) !== undefined;
  if (hasIt && !isRelease && ![...sources, 'native.h'].some(isNewer)) return;
  rmSync(output, { force: true });
  let failures = 0;
  // What is given to others is linked with musl (MIT): glibc's licence asks for more than a notice where it is static.
  for (const compiler of COMPILERS[arch].filter((name) => !isRelease || name.includes('musl'))) {
    const files = sources.map((name) => `src/native/${name}`);
    const made = spawnSync(compiler, [...SMALL, ...SECTIONS, '-o', output, ...files], { encoding: 'utf8' });
    if (made.stderr) console.error(`${compiler}: ${made.stderr}`);
    if (made.status === 0) return;
    if (made.error === undefined) failures += 1;
  }
  if (failures > 0) throw new Error(`The native program for linux-${arch} could not be compiled.`);
  const helps = isRelease ? `musl-tools (x64), musl-dev:arm64 gcc-aarch64-linux-gnu (arm64)` : 'gcc libc6-dev';
  console.warn(`No compiler for linux-${arch}: built without the native program. \`apt-get install ${helps}\` helps.`);
}

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
function noticesOf(folders) {
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

async function main() {
  const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
  const parts = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const wanted = (part) => parts.length === 0 || parts.includes(part);
  if (wanted('native') || wanted('cli')) {
    for (const arch of ['x64', 'arm64']) {
      const isForThisMachine = process.platform === 'linux' && process.arch === arch;
      const isRelease = flags.includes('--release');
      if (isForThisMachine || isRelease) buildNative(arch, isRelease);
    }
  }
  const bundles = Object.entries(BUNDLES).flatMap(([part, options]) => (wanted(part) ? options : []));
  if (flags.includes('--watch')) {
    for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch();
    return;
  }
  const built = await Promise.all(bundles.map((options) => build({ ...options, metafile: true })));
  if (wanted('cli')) {
    copyFileSync('media/trace.d.ts', 'dist/trace.d.ts');
    const { stdout } = spawnSync(process.execPath, ['dist/cli.js', '--man'], { encoding: 'utf8' });
    writeFileSync('dist/session-diagnostics.1', stdout);
  }
  const metafiles = built.map(({ metafile }) => metafile);
  // Of all programs together, or of none: a part alone does not know what the others carry.
  if (parts.length === 0) {
    const packages = packagesIn(metafiles);
    writeFileSync('dist/ThirdPartyNotices.txt', noticesOf(packages));
    if (flags.includes('--release')) writeFileSync('dist/sbom.cdx.json', sbomOf(packages));
  }
  if (flags.includes('--sizes'))
    for (const { outputs } of metafiles)
      for (const [path, { bytes }] of Object.entries(outputs)) console.log(`${bytes}\t${path}`);
}

if (import.meta.main) await main();
