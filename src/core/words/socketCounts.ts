import { integerOf, type JsonRecord } from './json.ts';

/**
 * The sockets of the process that a stalled session waits for: fields of the anomaly's detail. Numbers by the kind of
 * the other end's port; an address, or the port itself, would tell with whom somebody works.
 */
export interface SocketCounts {
  readonly sockets_established_https: number;
  readonly sockets_established_http: number;
  readonly sockets_established_dns: number;
  readonly sockets_established_other: number;
  readonly sockets_connecting: number;
  readonly sockets_close_wait: number;
  readonly sockets_unix: number;
}

/**
 * "It has 1 open HTTPS connection, 1 connection attempt without an answer and 2 local sockets." `undefined` when they
 * were not counted.
 */
export function socketSentence(detail: JsonRecord): string | undefined {
  const countOf = (field: keyof SocketCounts): number | undefined => integerOf(detail[field]);
  const local = countOf('sockets_unix');
  if (local === undefined) return undefined;
  const known = [
    ...counted(countOf('sockets_established_https'), 'open HTTPS connection', 'open HTTPS connections'),
    ...counted(countOf('sockets_established_http'), 'open HTTP connection', 'open HTTP connections'),
    ...counted(
      countOf('sockets_established_dns'),
      'open connection to a name server',
      'open connections to a name server',
    ),
  ];
  const other = known.length === 0 ? 'open' : 'other open';
  const network = [
    ...known,
    ...counted(countOf('sockets_established_other'), `${other} connection`, `${other} connections`),
    ...counted(
      countOf('sockets_connecting'),
      'connection attempt without an answer',
      'connection attempts without an answer',
    ),
    ...counted(
      countOf('sockets_close_wait'),
      'connection that the other end has closed',
      'connections that the other end has closed',
    ),
  ];
  const locals = counted(local, 'local socket', 'local sockets');
  if (network.length === 0) return `It has ${['no network connection', ...locals].join(', but ')}.`;
  const all = [...network, ...locals];
  const last = all.pop();
  return `It has ${[...(all.length === 0 ? [] : [all.join(', ')]), last].join(' and ')}.`;
}

function counted(count: number | undefined, one: string, many: string): readonly string[] {
  return count === undefined || count <= 0 ? [] : [`${count} ${count === 1 ? one : many}`];
}
