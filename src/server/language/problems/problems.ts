import { basename, dirname } from 'node:path';
import { CancellationTokenSource, type Connection } from 'vscode-languageserver/node';
import { SUMMARY_FILE } from '../../../logs/sessionIndex.ts';
import { textsOf } from '../../resolveRoots.ts';
import { recordOf } from '../../../core/words/json.ts';
import { LARGE_FILES_METHOD } from '../../../core/panel/largestFile.ts';
import { createYield } from '../documents/cooperativeYield.ts';
import { traceFactsOf, type TraceFacts } from './contradictions.ts';
import type { Digests } from '../digests/digests.ts';
import { FORGETFUL_FACTS, KeptFacts } from './factsOfLines.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { pathOf, type DocumentChange } from '../documents/logDocuments.ts';
import { diagnosticOf } from './problem.ts';
import { problemsOf } from './problemsOf.ts';
import type { LanguageContext, LanguageFeature } from '../languageFeature.ts';

/** Who types is not interrupted. */
const QUIET_MS = 150;
/** A file that grows while it is shown is looked at again after this many times what the last look took. */
const REST = 4;

/** Publishes what is wrong with the files that are open, and takes it back when it is no longer so. */
export const problemsFeature: LanguageFeature = {
  capabilities: {},
  connect: (connection, context) => {
    const problems = new Problems(connection, context);
    context.documents.onChange((change) => problems.documentChanged(change));
    context.onSettingsChange(() => problems.settingsChanged());
    context.onFilesChange((paths) => problems.filesChanged(paths));
    connection.onNotification(LARGE_FILES_METHOD, (params: unknown) => {
      problems.showLarge(textsOf(recordOf(params)?.['uris']));
    });
  },
};

class Problems {
  readonly #connection: Connection;
  readonly #context: LanguageContext;
  readonly #traces: Digests<TraceFacts>;
  readonly #facts = new Map<string, KeptFacts>();
  readonly #large = new Set<string>();
  /** Files that the editor shows problems of. */
  readonly #published = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #costMs = new Map<string, number>();
  /** To be checked, the last one first: that is where somebody is. */
  readonly #due = new Set<string>();
  #running: { readonly uri: string; readonly cancel: CancellationTokenSource } | undefined;

  constructor(connection: Connection, context: LanguageContext) {
    this.#connection = connection;
    this.#context = context;
    this.#traces = traceFactsOf(context.documents);
  }

  documentChanged({ uri, document, edits }: DocumentChange): void {
    if (document === undefined) {
      this.#facts.delete(uri);
      this.#withdraw(uri);
      return;
    }
    const facts = this.#facts.get(uri) ?? new KeptFacts();
    this.#facts.set(uri, facts);
    facts.edited(edits);
    const path = document.path;
    if (path !== undefined) this.#siblingsChanged(uri, [path]);
    this.#schedule(uri);
  }

  /** On disk: what was said about other files of the same session may be true no longer. */
  filesChanged(paths: readonly string[]): void {
    this.#siblingsChanged(undefined, paths);
  }

  settingsChanged(): void {
    for (const uri of this.#published) this.#withdraw(uri);
    for (const uri of [...this.#facts.keys(), ...this.#large]) this.#schedule(uri);
  }

  showLarge(uris: readonly string[]): void {
    const shown = new Set(uris.filter((uri) => !this.#facts.has(uri)));
    for (const uri of [...this.#large].filter((one) => !shown.has(one))) {
      this.#large.delete(uri);
      this.#withdraw(uri);
    }
    for (const uri of [...shown].filter((one) => !this.#large.has(one))) {
      this.#large.add(uri);
      this.#schedule(uri);
    }
  }

  #siblingsChanged(changed: string | undefined, paths: readonly string[]): void {
    const folders = new Set(paths.flatMap((path) => [dirname(path), path, ...rootOf(path)]));
    for (const uri of [...this.#facts.keys(), ...this.#large]) {
      const path = pathOf(uri);
      if (uri !== changed && path !== undefined && folders.has(dirname(path))) this.#schedule(uri);
    }
  }

  #schedule(uri: string): void {
    if (!this.#context.settings.logFileProblems) return;
    if (this.#running?.uri === uri) this.#running.cancel.cancel();
    this.#due.delete(uri);
    clearTimeout(this.#timers.get(uri));
    const costMs = this.#costMs.get(uri);
    const delayMs = costMs === undefined ? 0 : Math.max(QUIET_MS, REST * costMs);
    this.#timers.set(
      uri,
      setTimeout(() => {
        this.#timers.delete(uri);
        this.#due.add(uri);
        void this.#work();
      }, delayMs),
    );
  }

  #withdraw(uri: string): void {
    clearTimeout(this.#timers.get(uri));
    this.#timers.delete(uri);
    this.#costMs.delete(uri);
    this.#due.delete(uri);
    if (this.#running?.uri === uri) this.#running.cancel.cancel();
    if (this.#published.delete(uri)) void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  /** One file after the other: several at once would take turns longer than a query may wait. */
  async #work(): Promise<void> {
    if (this.#running !== undefined) return;
    for (let uri = [...this.#due].at(-1); uri !== undefined; uri = [...this.#due].at(-1)) {
      this.#due.delete(uri);
      const cancel = new CancellationTokenSource();
      this.#running = { uri, cancel };
      try {
        await this.#check(uri, cancel);
      } catch (error) {
        // One file's bad disk must not keep the others waiting.
        this.#connection.console.warn(`problems of a file could not be found: ${String(error)}`);
      } finally {
        this.#running = undefined;
        cancel.dispose();
      }
    }
  }

  async #check(uri: string, { token }: CancellationTokenSource): Promise<void> {
    const { documents, digests } = this.#context;
    const isOpen = this.#facts.has(uri);
    const document: LogDocument | undefined = isOpen ? documents.documentOf(uri) : await documents.load(uri, token);
    if (document === undefined) return;
    const { version } = document;
    const startedMs = performance.now();
    const problems = await problemsOf(document, {
      facts: this.#facts.get(uri) ?? FORGETFUL_FACTS,
      yieldNow: createYield(token),
      traces: this.#traces,
      digests,
    });
    if (problems === undefined || token.isCancellationRequested || document.version !== version) return;
    this.#costMs.set(uri, performance.now() - startedMs);
    this.#published.add(uri);
    const diagnostics = problems.map(diagnosticOf);
    await this.#connection.sendDiagnostics(isOpen ? { uri, version, diagnostics } : { uri, diagnostics });
  }
}

/** The index over all sessions repeats what their summaries say. */
function rootOf(path: string): readonly string[] {
  return basename(path) === SUMMARY_FILE ? [dirname(dirname(dirname(path)))] : [];
}
