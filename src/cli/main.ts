#!/usr/bin/env node
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from './commandLine.ts';
import { createTerminal } from './terminal.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: createTerminal(process),
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  programPath: fileURLToPath(import.meta.url),
});
