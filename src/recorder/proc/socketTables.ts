import type { SocketCounts } from '../../core/words/socketCounts.ts';

/** The tables below /proc/<pid>/net, which hold every socket of the process's network namespace. */
export interface SocketTables {
  /** tcp, tcp6, udp and udp6: one layout. */
  readonly inet: readonly string[];
  readonly unix: string;
}

/** Of tcp_states.h, as proc_net_tcp(5) writes them. A connected UDP socket is ESTABLISHED too. */
const STATES: { readonly [hex: string]: 'established' | 'connecting' | 'close_wait' | undefined } = {
  '01': 'established',
  '02': 'connecting', // SYN_SENT
  // FIN_WAIT1 and 2: the process itself has nothing more to send, and still waits for what the other end sends.
  '04': 'established',
  '05': 'established',
  '08': 'close_wait',
};

type PortKind = 'https' | 'http' | 'dns' | 'other';

const PORTS: { readonly [hex: string]: PortKind | undefined } = { '01BB': 'https', '0050': 'http', '0035': 'dns' };

/** Sockets of these inodes by what they do. One that is in a table twice, which a table may change into, counts once. */
export function countSockets(inodes: ReadonlySet<string>, { inet, unix }: SocketTables): SocketCounts {
  const left = new Set(inodes);
  const established = { https: 0, http: 0, dns: 0, other: 0 };
  const others = { connecting: 0, close_wait: 0 };
  for (const text of inet) {
    for (const { inode, state, port } of inetRows(text)) {
      if (!left.delete(inode)) continue;
      if (state === 'established') established[port] += 1;
      else if (state !== undefined) others[state] += 1;
    }
  }
  let local = 0;
  for (const line of rowsOf(unix)) {
    // Num RefCount Protocol Flags Type St Inode Path
    const inode = line.split(/\s+/, 7)[6];
    if (inode !== undefined && left.delete(inode)) local += 1;
  }
  return {
    sockets_established_https: established.https,
    sockets_established_http: established.http,
    sockets_established_dns: established.dns,
    sockets_established_other: established.other,
    sockets_connecting: others.connecting,
    sockets_close_wait: others.close_wait,
    sockets_unix: local,
  };
}

interface InetRow {
  readonly inode: string;
  readonly state: (typeof STATES)[string];
  /** Of the other end's port. */
  readonly port: PortKind;
}

function* inetRows(text: string): Iterable<InetRow> {
  for (const line of rowsOf(text)) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    const [, , remote, state, , , , , , inode] = line.split(/\s+/, 10);
    if (remote === undefined || state === undefined || inode === undefined) continue;
    const port = remote.slice(remote.lastIndexOf(':') + 1);
    yield { inode, state: STATES[state], port: PORTS[port] ?? 'other' };
  }
}

/** Without the line of titles, and without the spaces that align the first column. */
function* rowsOf(text: string): Iterable<string> {
  for (const line of text.split('\n').slice(1)) yield line.trimStart();
}
