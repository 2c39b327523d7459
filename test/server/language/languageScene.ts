import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ScriptedRoot, type ScriptedSession } from '../../webview/scriptedRoot.ts';
import { writeLeakySession } from '../../webview/scriptedSessions.ts';
import { LanguageClient, ScratchFolder } from './languageClient.ts';

/** An editor on a log root with one session that leaks; gone with the tests of the file. */
export interface LanguageScene {
  readonly root: ScriptedRoot;
  readonly session: ScriptedSession;
  readonly scratch: ScratchFolder;
  readonly client: LanguageClient;
  /** Opens a file as it is on the disk. */
  readonly opened: (path: string) => Promise<string>;
}

export async function languageScene(options: object = {}): Promise<LanguageScene> {
  const root = new ScriptedRoot();
  const scratch = new ScratchFolder();
  const session = writeLeakySession(root);
  const client = await LanguageClient.start({ roots: [root.path], ...options });
  after(async () => {
    await client.stop();
    root.remove();
    scratch.remove();
  });
  const opened = async (path: string): Promise<string> => {
    const { href } = pathToFileURL(path);
    await client.open(href, readFileSync(path, 'utf8'));
    return href;
  };
  return { root, session, scratch, client, opened };
}
