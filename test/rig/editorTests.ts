import { after, before, test, type TestContext } from 'node:test';
import { openEditor, type Rig, type RigOptions } from './editor.ts';

/** Declares a test that is skipped where no editor can be had, and leaves a picture of it when it fails. */
export type InEditor = (name: string, body: (rig: Rig, t: TestContext) => Promise<void>) => void;

const TIMEOUT_MS = 150_000;

/** One editor for all tests of a file: opened before the first, closed after the last. */
export function editorTests(options: RigOptions, onOpen?: (rig: Rig) => void | Promise<void>): InEditor {
  let rig: Rig | undefined;
  let missing = '';

  before(async () => {
    const editor = await openEditor(options);
    if ('missing' in editor) {
      missing = editor.missing;
      return;
    }
    rig = editor.rig;
    await onOpen?.(rig);
  });
  after(async () => {
    await rig?.close();
  });

  return (name, body) => {
    test(name, { timeout: TIMEOUT_MS }, async (t) => {
      if (rig === undefined) return t.skip(missing);
      try {
        await body(rig, t);
      } catch (error) {
        await rig.picture(`failed-${name.replaceAll(/\W+/g, '-').slice(0, 60)}`);
        throw error;
      }
    });
  };
}
