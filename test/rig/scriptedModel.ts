import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MODEL, sendJson, WIRES, type Answer, type Wire } from './agents/wires.ts';

/** What the scripted model does with one request of the agent. */
export type ModelStep =
  | { readonly run: string; readonly timeoutMs?: number }
  | { readonly say: string }
  | { readonly status: number; readonly message?: string; readonly isLasting?: true }
  /** Breaks the connection in the middle of an answer, from now on each time where that lasts. */
  | { readonly close: true; readonly isLasting?: true }
  /** Arguments that are a text are sent as they stand. */
  | { readonly call: string; readonly args: unknown };

export interface ScriptedModel {
  /** The base that agents of OpenAI's interfaces are given. */
  readonly url: string;
  readonly origin: string;
  /** How many requests the agent made. */
  requests(): number;
  stop(): Promise<void>;
}

/** A call's id ends with the number of its step: whoever labels the steps finds the call in a log by it. */
function answerOf(step: ModelStep, serial: number): Answer {
  const id = `call_${String(serial).padStart(2, '0')}`;
  if ('run' in step) {
    const args = {
      cmd: step.run,
      ...(step.timeoutMs !== undefined && { timeout_ms: step.timeoutMs, yield_time_ms: 30_000 }),
    };
    return { calls: [{ id, name: 'exec_command', args }] };
  }
  if ('call' in step) return { calls: [{ id, name: step.call, args: step.args }] };
  return { say: 'say' in step ? step.say : '' };
}

function play(response: ServerResponse, wire: Wire, { step, serial, isStreamed }: Played): void {
  if ('close' in step) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(wire.begin, () => response.socket?.destroy());
    return;
  }
  if ('status' in step) {
    sendJson(response, step.status, wire.refusal(step.status, step.message ?? 'scripted'));
    return;
  }
  wire.answer(response, answerOf(step, serial), isStreamed);
}

interface Played {
  readonly step: ModelStep;
  readonly serial: number;
  readonly isStreamed: boolean;
}

interface Body {
  readonly text: string;
  readonly body: Record<string, unknown>;
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // a request without an encoding gives buffers
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return { text, body: JSON.parse(text) as Record<string, unknown> }; // agents send objects
  } catch {
    return { text, body: {} };
  }
}

/** Agents also ask for titles and summaries, without offering a tool: these are no steps of a script. */
function offersTools({ tools }: Record<string, unknown>): boolean {
  return Array.isArray(tools) && tools.length > 0;
}

class Script {
  readonly #steps: readonly ModelStep[];
  readonly #lasting: number;
  served = 0;

  constructor(steps: readonly ModelStep[]) {
    this.#steps = steps;
    this.#lasting = steps.findIndex((step) => 'isLasting' in step);
  }

  next(isStreamed: boolean): Played {
    const serial = this.#lasting === -1 ? this.served : Math.min(this.served, this.#lasting);
    this.served += 1;
    return { step: this.#steps[serial] ?? { say: 'done' }, serial, isStreamed };
  }
}

/** A model server on loopback that answers each request with the next step of a script, then with a closing message. */
export async function startScriptedModel(script: readonly ModelStep[]): Promise<ScriptedModel> {
  return await startScriptedModels({ '': script });
}

/** The same for several agents at once: the script of the first word that the request holds, as of its prompt. */
export async function startScriptedModels(
  scripts: Readonly<Record<string, readonly ModelStep[]>>,
): Promise<ScriptedModel> {
  const byWord = Object.entries(scripts).map(([word, steps]) => ({ word, script: new Script(steps) }));
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { text, body } = await bodyOf(request);
    const path = (request.url ?? '').replace(/\?.*/, '');
    const wire = WIRES.find((one) => one.takes(path));
    if (request.method !== 'POST' || wire === undefined) {
      answerBesides(response, path);
      return;
    }
    const isStreamed = body['stream'] === true || /:stream/.test(path);
    if (!path.endsWith('/responses') && !offersTools(body)) {
      wire.answer(response, { say: 'A title' }, isStreamed);
      return;
    }
    const script = byWord.find(({ word }) => text.includes(word))?.script;
    if (script === undefined) sendJson(response, 404, { error: { message: 'no script for this prompt' } });
    else play(response, wire, script.next(isStreamed));
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP, so it is neither null nor a pipe's name
  return {
    url: `http://127.0.0.1:${port}/v1`,
    origin: `http://127.0.0.1:${port}`,
    requests: () => byWord.reduce((sum, { script }) => sum + script.served, 0),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answerBesides(response: ServerResponse, path: string): void {
  if (path.endsWith('/models')) sendJson(response, 200, { object: 'list', data: [{ id: MODEL, object: 'model' }] });
  else if (/countTokens|count_tokens/.test(path)) sendJson(response, 200, { totalTokens: 10, input_tokens: 10 });
  else sendJson(response, 404, { error: { message: 'not scripted' } });
}
