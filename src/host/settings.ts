import { workspace } from 'vscode';
import { SECTION, SETTINGS, type Settings } from './settingsTable.ts';

/** A setting's value; what a person mistyped counts as not set. */
export function setting<K extends keyof Settings>(name: K): Settings[K] {
  return explicitSetting(name) ?? SETTINGS[name].default;
}

/** `undefined` when the user has not set it, so that whoever comes next in precedence decides. */
export function explicitSetting<K extends keyof Settings>(name: K): Settings[K] | undefined {
  const found = workspace.getConfiguration(SECTION).inspect<unknown>(name);
  const values: readonly unknown[] = [found?.workspaceFolderValue, found?.workspaceValue, found?.globalValue];
  // VS Code ignores a workspace's value of a machine-scoped setting when it merges; `inspect` shows it all the same.
  const allowed = SETTINGS[name].isMachineScoped ? values.slice(2) : values;
  for (const value of allowed) {
    if (SETTINGS[name].accepts(value)) return value;
  }
  return undefined;
}
