#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { becomeLauncher, launcherFor } from './launcher.ts';

/*
 * `run` becomes its launcher before anything else is loaded: of the 80 ms that it may take over the bare command, Node's
 * own start takes half. What the launcher does not understand it gives back, with `--check-first`.
 */
const programPath = fileURLToPath(import.meta.url);
const launcher = launcherFor(process.argv.slice(2), { programPath, env: process.env });
if (launcher === undefined) {
  const { runProgram } = await import('./program.ts');
  await runProgram(programPath);
} else {
  process.exitCode = await becomeLauncher(launcher);
}
