import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { booleanOf, numberOf, recordOf, stringOf } from '../core/json.ts';

/** `linux_tracing` of a workspace's `.autoskillit/config.yaml`, shared with AutoSkillit. */
export interface WorkspaceConfig {
  readonly enabled: boolean | undefined;
  readonly procIntervalSeconds: number | undefined;
  readonly logDir: string | undefined;
}

const WORKSPACE_CONFIG = join('.autoskillit', 'config.yaml');

/** `undefined` when there is none; a file that is no YAML, or has wrong types, counts as far as it can be read. */
export function readWorkspaceConfig(workspace: string, home: string): WorkspaceConfig | undefined {
  let text: string;
  try {
    text = readFileSync(join(workspace, WORKSPACE_CONFIG), 'utf8');
  } catch {
    return undefined; // the usual case: no such file
  }
  const tracing = recordOf(recordOf(parsedYaml(text))?.['linux_tracing']);
  if (tracing === undefined) return undefined;
  const interval = numberOf(tracing['proc_interval']);
  const logDir = stringOf(tracing['log_dir'])?.replace(/^~(?=$|\/)/, home);
  return {
    enabled: booleanOf(tracing['enabled']),
    procIntervalSeconds: interval !== undefined && interval > 0 ? interval : undefined,
    logDir:
      logDir === undefined || logDir === '' ? undefined : isAbsolute(logDir) ? logDir : resolve(workspace, logDir),
  };
}

function parsedYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 }); // more aliases than this is a bomb, not a configuration
  } catch {
    return undefined; // the language server marks the error in the file itself
  }
}
