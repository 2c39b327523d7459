/** What decides where the standard location is. */
export interface MachineKind {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** The standard location of the layout, shared with AutoSkillit on purpose. */
export function standardLogRoot({ platform, env, home }: MachineKind): string {
  if (platform === 'darwin') return `${home}/Library/Application Support/autoskillit/logs`;
  if (platform === 'win32') return `${env['LOCALAPPDATA'] ?? `${home}\\AppData\\Local`}\\autoskillit\\logs`;
  // The XDG specification: a relative value is invalid and must be ignored.
  const data = env['XDG_DATA_HOME'];
  const share = data?.startsWith('/') === true ? data.replace(/\/+$/, '') : `${home}/.local/share`;
  return `${share}/autoskillit/logs`;
}
