import { schemaOf, unprovenPlace, type Shape } from '../core/report/reportShape.ts';
import type { LogRoot } from '../logs/logRoot.ts';

/** What a tool is asked with, and what it may see. */
export interface Asked {
  readonly args: Readonly<Record<string, unknown>>;
  readonly roots: readonly LogRoot[];
  readonly cwd: string;
  /** The server was started with --allow-text. */
  readonly allowsText: boolean;
}

export interface Answer {
  /** Numbers, words of closed lists, ids and handles of our own: what stands in a log cannot speak through it. */
  readonly content: Readonly<Record<string, unknown>>;
  /** For a reader: made of the same. */
  readonly text: string;
  /** Texts of the session, on request and with leave. */
  readonly local?: Readonly<Record<string, readonly string[]>>;
}

/** Told to the agent as a tool error: what is wrong, and what to do. */
export class ToolError extends Error {}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Readonly<
    Record<
      string,
      { readonly type: 'string' | 'integer'; readonly description: string; readonly enum?: readonly string[] }
    >
  >;
  readonly required?: readonly string[];
  readonly output: Extract<Shape, { type: 'fields' }>;
  answer(asked: Asked): Answer | Promise<Answer>;
}

/** With room for the texts that only --allow-text adds. */
export function outputSchema(tool: Tool): Readonly<Record<string, unknown>> {
  const schema = schemaOf(tool.output);
  return {
    ...schema,
    properties: {
      ...(schema['properties'] as Record<string, unknown>),
      local: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    },
  };
}

/** What cannot be proven to be ours is not said. */
export function proven(tool: Tool, answer: Answer): Answer {
  const place = unprovenPlace(answer.content, tool.output, tool.name);
  if (place === undefined) return answer;
  throw new ToolError(
    `The answer was not given: what stands at ${place} cannot be proven to be free of private text. Please report this place as a bug; it names no content.`,
  );
}

/** Bad arguments are told before anything is read. */
export function checkArguments(tool: Tool, args: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(tool.input);
  const unknown = Object.keys(args).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const known = names.length === 0 ? 'It takes none.' : `It takes ${names.join(', ')}.`;
    throw new ToolError(
      `${tool.name} was given ${unknown.length} argument${unknown.length === 1 ? '' : 's'} it does not know. ${known}`,
    );
  }
  for (const name of tool.required ?? []) {
    if (args[name] === undefined)
      throw new ToolError(`${tool.name} needs ${name}: ${tool.input[name]?.description ?? ''}.`);
  }
  for (const [name, { type, enum: words }] of Object.entries(tool.input)) {
    const value = args[name];
    if (value === undefined) continue;
    const isRight =
      type === 'integer'
        ? Number.isSafeInteger(value) && Number(value) > 0
        : typeof value === 'string' && value !== '' && value.length <= 4096;
    if (!isRight)
      throw new ToolError(`${name} is ${type === 'integer' ? 'a whole number above 0' : 'a text that is not empty'}.`);
    if (words !== undefined && (typeof value !== 'string' || !words.includes(value)))
      throw new ToolError(`${name} is one of ${words.join(', ')}.`);
  }
}

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
