import { registerHooks } from 'node:module';

/**
 * Stands in for the `vscode` module, which only an extension host has: it keeps every text that would be shown, and
 * answers with what a test has laid ready. Loaded before the modules under test.
 */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: new URL('fakeVscode.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});

export { editor } from './fakeVscode.ts';
