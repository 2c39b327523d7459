import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the scripted model does with one request of the agent. */
export type ModelStep =
  | { readonly run: string; readonly timeoutMs?: number }
  | { readonly say: string }
  | { readonly status: number; readonly body?: string }
  | { readonly close: true }
  | { readonly call: string; readonly args: unknown };

export interface ScriptedModel {
  readonly url: string;
  /** How many requests the agent made. */
  requests(): number;
  stop(): Promise<void>;
}

function itemOf(step: ModelStep, callId: string): unknown {
  if ('run' in step) {
    const args = {
      cmd: step.run,
      ...(step.timeoutMs !== undefined && { timeout_ms: step.timeoutMs, yield_time_ms: 30_000 }),
    };
    return { type: 'function_call', call_id: callId, name: 'exec_command', arguments: JSON.stringify(args) };
  }
  if ('call' in step) {
    return { type: 'function_call', call_id: callId, name: step.call, arguments: JSON.stringify(step.args) };
  }
  const text = 'say' in step ? step.say : '';
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
}

function stream(response: ServerResponse, events: readonly unknown[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    const type = typeof event === 'object' && event !== null && 'type' in event ? String(event.type) : '';
    response.write(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}

function answer(response: ServerResponse, step: ModelStep, serial: number): void {
  if ('close' in step) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: response.created\ndata: {"type":"response.created","response":{"id":"r${serial}"}}\n\n`);
    response.socket?.destroy();
    return;
  }
  if ('status' in step) {
    response.writeHead(step.status, { 'content-type': 'application/json' });
    response.end(step.body ?? JSON.stringify({ error: { message: 'scripted', type: 'scripted' } }));
    return;
  }
  const usage = {
    input_tokens: 1,
    input_tokens_details: null,
    output_tokens: 1,
    output_tokens_details: null,
    total_tokens: 2,
  };
  const id = `r${serial}`;
  stream(response, [
    { type: 'response.created', response: { id } },
    { type: 'response.output_item.done', item: itemOf(step, `call_${serial}`) },
    { type: 'response.completed', response: { id, usage } },
  ]);
}

/** A model server on loopback that answers each request with the next step of a script, then with a closing message. */
export async function startScriptedModel(script: readonly ModelStep[]): Promise<ScriptedModel> {
  let served = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    request.on('end', () => {
      if (request.method !== 'POST' || !(request.url ?? '').endsWith('/responses')) {
        response.writeHead(404).end();
        return;
      }
      answer(response, script[served] ?? { say: 'done' }, served++);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP, so it is neither null nor a pipe's name
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests: () => served,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
