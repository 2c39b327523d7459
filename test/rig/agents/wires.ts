import type { ServerResponse } from 'node:http';

/** A call as a model asks for it; arguments that are a text are sent as they stand, broken or not. */
export interface AskedCall {
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
}

export type Answer = { readonly say: string } | { readonly calls: readonly AskedCall[] };

/** One of the programming interfaces that agents ask models through. */
export interface Wire {
  readonly takes: (path: string) => boolean;
  readonly answer: (response: ServerResponse, answer: Answer, isStreamed: boolean) => void;
  /** What is sent before the connection breaks in the middle of an answer. */
  readonly begin: string;
  readonly refusal: (status: number, message: string) => unknown;
}

export const MODEL = 'mock-model';

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Server-sent events; an event with a `type` is also named by it, as two of the interfaces want. */
function sendEvents(response: ServerResponse, events: readonly object[], last = ''): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map(eventText).join('') + last);
}

function eventText(event: object): string {
  const name = 'type' in event ? `event: ${String(event.type)}\n` : '';
  return `${name}data: ${JSON.stringify(event)}\n\n`;
}

function argumentText({ args }: AskedCall): string {
  return typeof args === 'string' ? args : JSON.stringify(args);
}

const callsOf = (answer: Answer): readonly AskedCall[] => ('calls' in answer ? answer.calls : []);
const textOf = (answer: Answer): string => ('say' in answer ? answer.say : '');

const OPENAI_REFUSAL = (status: number, message: string): unknown => ({
  error: { message, type: status === 429 ? 'rate_limit_error' : 'api_error', code: null, param: null },
});

const RESPONSES_USAGE = {
  input_tokens: 1,
  input_tokens_details: null,
  output_tokens: 1,
  output_tokens_details: null,
  total_tokens: 2,
};

const responses: Wire = {
  takes: (path) => path.endsWith('/responses'),
  begin: eventText({ type: 'response.created', response: { id: 'r1' } }),
  refusal: OPENAI_REFUSAL,
  answer: (response, answer) => {
    const content = [{ type: 'output_text', text: textOf(answer) }];
    const items = callsOf(answer).map((call) => ({
      type: 'function_call',
      call_id: call.id,
      name: call.name,
      arguments: argumentText(call),
    }));
    sendEvents(response, [
      { type: 'response.created', response: { id: 'r1' } },
      ...(items.length > 0 ? items : [{ type: 'message', role: 'assistant', content }]).map((item) => ({
        type: 'response.output_item.done',
        item,
      })),
      { type: 'response.completed', response: { id: 'r1', usage: RESPONSES_USAGE } },
    ]);
  },
};

const chunk = (delta: object, finish: string | null): object => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: MODEL,
  choices: [{ index: 0, delta, finish_reason: finish }],
});

const chatCompletions: Wire = {
  takes: (path) => path.endsWith('/chat/completions'),
  begin: eventText(chunk({ role: 'assistant', content: 'I will' }, null)),
  refusal: OPENAI_REFUSAL,
  answer: (response, answer, isStreamed) => {
    const tool_calls = callsOf(answer).map((call, index) => ({
      index,
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: argumentText(call) },
    }));
    const message = { role: 'assistant', content: textOf(answer), ...(tool_calls.length > 0 && { tool_calls }) };
    const finish_reason = tool_calls.length > 0 ? 'tool_calls' : 'stop';
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    if (!isStreamed) {
      const choices = [{ index: 0, message, finish_reason }];
      sendJson(response, 200, { ...chunk({}, null), object: 'chat.completion', choices, usage });
      return;
    }
    const end = { ...chunk({}, finish_reason), usage };
    sendEvents(response, [chunk(message, null), end], 'data: [DONE]\n\n');
  },
};

const messageStart = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 1 },
  },
};

const anthropic: Wire = {
  takes: (path) => path.endsWith('/v1/messages'),
  begin: eventText(messageStart),
  refusal: (status, message) => ({
    type: 'error',
    error: { type: ANTHROPIC_TYPES[status] ?? 'api_error', message },
  }),
  answer: (response, answer) => {
    const calls = callsOf(answer);
    const blocks = calls.map((call) => ({
      content_block: { type: 'tool_use', id: call.id, name: call.name, input: {} },
      delta: { type: 'input_json_delta', partial_json: argumentText(call) },
    }));
    const text = {
      content_block: { type: 'text', text: '' },
      delta: { type: 'text_delta', text: textOf(answer) },
    };
    sendEvents(response, [
      messageStart,
      ...(blocks.length > 0 ? blocks : [text]).flatMap(({ content_block, delta }, index) => [
        { type: 'content_block_start', index, content_block },
        { type: 'content_block_delta', index, delta },
        { type: 'content_block_stop', index },
      ]),
      {
        type: 'message_delta',
        delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
        usage: { output_tokens: 5 },
      },
      { type: 'message_stop' },
    ]);
  },
};

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

const generateContent: Wire = {
  takes: (path) => /:(?:stream)?generateContent$/i.test(path),
  begin: eventText({ candidates: [{ content: { role: 'model', parts: [{ text: 'I will' }] }, index: 0 }] }),
  refusal: (code, message) => ({ error: { code, message, status: 'UNAVAILABLE' } }),
  answer: (response, answer, isStreamed) => {
    const calls = callsOf(answer).map(({ id, name, args }) => ({ functionCall: { id, name, args } }));
    const parts = calls.length > 0 ? calls : [{ text: textOf(answer) }];
    const body = {
      candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
      modelVersion: MODEL,
    };
    if (isStreamed) sendEvents(response, [body]);
    else sendJson(response, 200, body);
  },
};

export const WIRES: readonly Wire[] = [responses, chatCompletions, anthropic, generateContent];
