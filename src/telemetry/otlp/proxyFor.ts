/** The proxy that the usual variables name for an address, in either case; `undefined` where it is reached directly. */
export function proxyFor(url: string, env: NodeJS.ProcessEnv): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const value = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? '';
  const proxy = value(protocol === 'https:' ? 'https_proxy' : 'http_proxy') || value('all_proxy');
  if (!/^https?:\/\//.test(proxy) || !URL.canParse(proxy)) return undefined;
  const exceptions = value('no_proxy').split(/[\s,]+/);
  return exceptions.some((exception) => isExempt(exception, { hostname, port })) ? undefined : proxy;
}

interface Target {
  readonly hostname: string;
  readonly port: string;
}

/** `*`, `example.com` (and below it), `.example.com`, `example.com:4318`. */
function isExempt(exception: string, { hostname, port }: Target): boolean {
  if (exception === '*') return true;
  const [, host = '', itsPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(exception.toLowerCase()) ?? [];
  if (host === '' || (itsPort !== undefined && itsPort !== port)) return false;
  return hostname === host || hostname.endsWith(`.${host}`);
}
