// Builds everything in dist/: `node build.mjs [PART...] [--watch] [--release]`, parts as below. --release: both
// architectures of the native program, linked with musl, and dist/sbom.cdx.json.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { build, context } from 'esbuild';
import { buildNative } from './src/release/native.mjs';
import { noticesOf, packagesIn, sbomOf } from './src/release/notices.mjs';

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
        fleet: 'src/fleet/fleetBundle.ts',
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
