import { execFile } from 'node:child_process';

export type ProgramRun =
  | { readonly type: 'ran'; readonly stdout: string; readonly stderr: string }
  | { readonly type: 'missing' }
  | { readonly type: 'slow' }
  | { readonly type: 'failed'; readonly stdout: string; readonly stderr: string };

/** What a busy machine's journal says in an hour is a few megabytes; the rest is not read. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Runs one of the system's own tools, in its plain language, and not for longer than it is given. */
export function runProgram(program: string, args: readonly string[], timeoutMs: number): Promise<ProgramRun> {
  const env = { ...process.env, LC_ALL: 'C', PAGER: 'cat', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' };
  return new Promise((done) => {
    execFile(
      program,
      args,
      { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES, env, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) done({ type: 'ran', stdout, stderr });
        else if (error.code === 'ENOENT') done({ type: 'missing' });
        else if (error.killed === true) done({ type: 'slow' });
        else done({ type: 'failed', stdout, stderr });
      },
    );
  });
}
