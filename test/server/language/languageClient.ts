import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';

/** The built server, as VS Code gets it. */
const SERVER = [resolve(import.meta.dirname, '../../../dist/server.cjs')];
const MOST_LIFE_MS = 120_000;
const MOST_WAIT_MS = 30_000;

/** An editor's half of the protocol, over stdio to the built server. */
export class LanguageClient {
  readonly process: ChildProcessWithoutNullStreams;
  readonly connection: ProtocolConnection;
  /** Publications since a document was opened last, in order. */
  published: readonly PublishDiagnosticsParams[] = [];
  readonly stderr: string[] = [];
  /** What the server answered to the handshake. */
  initialized: InitializeResult | undefined;
  readonly #versions = new Map<string, number>();

  private constructor(nodeArguments: readonly string[], program: readonly string[]) {
    this.process = spawn(process.execPath, [...nodeArguments, ...program, '--stdio'], { timeout: MOST_LIFE_MS });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => this.stderr.push(text));
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.process.stdout),
      new StreamMessageWriter(this.process.stdin),
    );
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published = [...this.published, params];
    });
    this.connection.onError(() => undefined); // the pipe of a server that was killed
    this.connection.listen();
    // A server that died answers nothing any more: whoever waits is told.
    this.process.once('exit', () => this.connection.dispose());
  }

  static async start(
    initializationOptions: unknown = {},
    nodeArguments: readonly string[] = [],
    program = SERVER,
  ): Promise<LanguageClient> {
    const client = new LanguageClient(nodeArguments, program);
    client.initialized = await client.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      initializationOptions,
    });
    await client.connection.sendNotification('initialized', {});
    return client;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await this.connection.sendRequest('shutdown');
      this.connection.dispose();
    }
    this.process.kill('SIGKILL');
  }

  async open(uri: string, text: string, languageId = 'jsonl'): Promise<void> {
    this.#versions.set(uri, 1);
    // Versions begin anew: what was published before is not about this one.
    this.published = this.published.filter((params) => params.uri !== uri);
    const textDocument = { uri, languageId, version: 1, text };
    await this.connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  /** Changes as the protocol has them: `{ range, text }`, or `{ text }` for all of it. */
  async change(uri: string, contentChanges: readonly object[]): Promise<void> {
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  versionOf(uri: string): number {
    return this.#versions.get(uri) ?? 0;
  }

  /** A request about one document. */
  ask<R>(method: string, uri: string, params: object = {}): Promise<R> {
    return this.connection.sendRequest(`textDocument/${method}`, { textDocument: { uri }, ...params });
  }

  /** The problems of a document as it is now, once they have been published for its version. */
  async problemsOf(uri: string): Promise<readonly Diagnostic[]> {
    const isNow = (params: PublishDiagnosticsParams) => params.uri === uri && params.version === this.versionOf(uri);
    await this.until(() => this.published.some(isNow), `problems of ${uri}`);
    return this.published.findLast(isNow)?.diagnostics ?? [];
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const endMs = Date.now() + MOST_WAIT_MS;
    while (!holds()) {
      if (Date.now() > endMs) throw new Error(`waited in vain for ${what}\n${this.stderr.join('')}`);
      await delay(5);
    }
  }
}

/** A folder of files to open. */
export class ScratchFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'language-'));

  write(name: string, text: string): string {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
    return this.uri(name);
  }

  uri(name: string): string {
    return pathToFileURL(join(this.path, name)).href;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
