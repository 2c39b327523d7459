import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where nobody listens: the discard service, which nobody runs any more. */
export const CLOSED = '127.0.0.1:9';

/** What the situations' commands talk to: `/status/503` answers so, anything else is never answered. */
export async function startFixtures(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const server = createServer((request, response) => {
    const status = /^\/status\/(\d{3})/.exec(request.url ?? '')?.[1];
    if (status !== undefined) response.writeHead(Number(status)).end('no\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP, so it is neither null nor a pipe's name
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
