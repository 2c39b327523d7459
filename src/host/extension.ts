import type { ExtensionContext } from 'vscode';
import { createExtension, type Extension } from './createExtension.ts';

let extension: Extension | undefined;

export function activate(context: ExtensionContext): void {
  extension = createExtension(context);
  context.subscriptions.push(extension);
}

/** VS Code waits for it: the language server ends before its pipe does. */
export async function deactivate(): Promise<void> {
  await extension?.stop();
}
