// Compiles the native program, `src/native`, for one architecture of Linux.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';

/** Compilers by how small their program is: musl's 80 KB, glibc's 710 KB. Static: it must run wherever Node does. */
const COMPILERS = {
  x64: ['musl-gcc', 'x86_64-linux-gnu-gcc', 'gcc', 'cc'],
  arm64: ['aarch64-linux-musl-gcc', 'aarch64-linux-gnu-gcc', 'gcc', 'cc'],
};
const SMALL = ['-std=gnu17', '-Os', '-Wall', '-Wextra', '-static', '-s'];
const SECTIONS = ['-ffunction-sections', '-fdata-sections', '-Wl,--gc-sections'];

/** Without a compiler there is no native program: `run` then works as TypeScript can, and doctor says so. */
export function buildNative(arch, isRelease) {
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
