import { homedir } from 'node:os';
import { runCommandLine } from './commandLine.ts';
import { createTerminal } from './terminal.ts';

/** Any command but a plain `run`. */
export async function runProgram(programPath: string): Promise<void> {
  const terminal = createTerminal(process);
  const cwd = workingFolder();
  // The command of a `run` gets along without a folder, as it would without us.
  if (cwd === undefined && process.argv[2] !== 'run') {
    terminal.err(
      'session-diagnostics: The folder you are in has been removed. Go to one that is there, and try again.',
    );
    process.exitCode = 1;
    return;
  }
  const code = await runCommandLine(process.argv.slice(2), {
    terminal,
    env: process.env,
    cwd: cwd ?? '/',
    home: homedir(),
    programPath,
  });
  // The terminal has set it where what was printed could not be written.
  if (code !== 0) process.exitCode = code;
}

function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined; // ENOENT: somebody removed it under us
  }
}
