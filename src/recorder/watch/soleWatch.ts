import { connect, createServer, type Server } from 'node:net';
import { watchStatusFrom, type WatchStatus } from '../../core/session/watchStatus.ts';
import { parseJson } from '../../core/words/json.ts';

/** A `watch` that is alive answers at once, and so does one that is busy for a moment. */
const ANSWER_MS = 2000;
const MOST_ANSWER = 4096;

/** Takes the place of the only `watch` of this user, and tells whoever asks; `undefined` where another has it. */
export function becomeSole(address: string, status: () => WatchStatus): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // whoever asked did not wait
    socket.end(`${JSON.stringify(status())}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

/** What the `watch` of this user says of itself; `undefined` where none runs. */
export function askWatch(address: string): Promise<WatchStatus | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    let text = '';
    const end = (): void => {
      socket.destroy();
      const parsed = parseJson(text);
      resolve(parsed.ok ? watchStatusFrom(parsed.value) : undefined);
    };
    socket.setTimeout(ANSWER_MS, end);
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.length > MOST_ANSWER) end();
    });
    socket.once('error', end);
    socket.once('end', end);
  });
}
