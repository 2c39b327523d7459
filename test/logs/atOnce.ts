import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Runs one piece of `logsWorker.ts` in several processes that are all let go at the same moment. */
export async function atOnce(count: number, work: string, rootPath: string, argumentOf: (number: number) => string) {
  const workers = Array.from({ length: count }, (_unused, number) => {
    const script = join(import.meta.dirname, 'logsWorker.ts');
    const child = spawn(process.execPath, [script, work, rootPath, argumentOf(number)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 30_000,
    });
    let output = '';
    const ready = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('ready\n')) resolve();
      });
      child.once('close', () => resolve());
    });
    const result = new Promise<unknown>((resolve, reject) => {
      child.once('close', () => {
        const line = output.split('\n')[1];
        if (line === undefined || line === '') reject(new Error(`worker ${number} said nothing`));
        else resolve(JSON.parse(line));
      });
    });
    return { child, ready, result };
  });
  await Promise.all(workers.map(({ ready }) => ready));
  for (const { child } of workers) child.stdin.end();
  return Promise.all(workers.map(({ result }) => result));
}
