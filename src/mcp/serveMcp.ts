import { once } from 'node:events';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { LogRoot } from '../logs/logRoot.ts';
import { checkArguments, outputSchema, proven, ToolError, type Answer, type Tool } from './answer.ts';
import { compare } from './compare.ts';
import { leftovers } from './leftoversTool.ts';
import { myLimits } from './myLimits.ts';
import { listedText, SESSIONS_URI } from './sessionsResource.ts';
import { whatIsRunning } from './whatIsRunning.ts';
import { whyDidItDie } from './whyDidItDie.ts';

/** Few and sharp: an agent reads every description each time. */
export const TOOLS: readonly Tool[] = [whyDidItDie, whatIsRunning, myLimits, leftovers, compare];

export interface McpOptions {
  readonly roots: readonly LogRoot[];
  readonly cwd: string;
  readonly version: string;
  readonly allowsText: boolean;
}

const PROMPT = {
  name: 'explain_last_death',
  title: 'Explain the last death',
  description: 'Why the newest session that ended badly ended so, and what to do about it',
};

/** Serves on our stdin and stdout until the client closes them. */
export async function serveMcp(options: McpOptions): Promise<void> {
  const server = new Server(
    { name: 'session-diagnostics', title: 'Session Diagnostics', version: options.version },
    { capabilities: { tools: {}, resources: {}, prompts: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS.map(listed) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) =>
    called(options, params.name, params.arguments ?? {}),
  );
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: [
      {
        uri: SESSIONS_URI,
        name: 'sessions',
        title: 'Recorded sessions',
        description: 'The newest recorded sessions: id, agent, outcome, cause',
        mimeType: 'application/json',
      },
    ],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => {
    if (params.uri !== SESSIONS_URI)
      throw new McpError(ErrorCode.InvalidParams, `There is no such resource; ${SESSIONS_URI} is one.`);
    return { contents: [{ uri: SESSIONS_URI, mimeType: 'application/json', text: listedText(options.roots) }] };
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: [PROMPT] }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    if (params.name !== PROMPT.name)
      throw new McpError(ErrorCode.InvalidParams, `There is no such prompt; ${PROMPT.name} is one.`);
    const text =
      'Call the tool why_did_it_die without arguments. Say in plain words what ended that session, how sure it is, whether the code, the model or the environment was at fault, and what to do next. Do not guess beyond the answer.';
    return { messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
  // The transport does not look at the end of its input.
  const ended = once(process.stdin, 'end');
  await server.connect(new StdioServerTransport());
  await ended;
  await server.close();
}

function listed(tool: Tool) {
  const { name, title, description, input, required = [] } = tool;
  return {
    name,
    title,
    description,
    inputSchema: { type: 'object' as const, properties: input, required: [...required], additionalProperties: false },
    outputSchema: { ...outputSchema(tool), type: 'object' as const },
    annotations: { readOnlyHint: true, openWorldHint: false },
  };
}

/** One question without a server. */
export async function askTool(options: McpOptions, name: string, args: Readonly<Record<string, unknown>>) {
  const { content, isError } = { isError: false, ...(await called(options, name, args)) };
  return { isError, text: content.map(({ text }) => text).join('\n') };
}

async function called({ roots, cwd, allowsText }: McpOptions, name: string, args: Readonly<Record<string, unknown>>) {
  const tool = TOOLS.find((one) => one.name === name);
  if (tool === undefined) {
    throw new McpError(
      ErrorCode.InvalidParams,
      `There is no such tool. There are ${TOOLS.map((one) => one.name).join(', ')}.`,
    );
  }
  try {
    checkArguments(tool, args);
    return toldOf(proven(tool, await tool.answer({ args, roots, cwd, allowsText })));
  } catch (error) {
    if (error instanceof ToolError) return { isError: true, content: [{ type: 'text' as const, text: error.message }] };
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const text = `The logs could not be read (${code}). \`session-diagnostics doctor\` says what is wrong.`;
    return { isError: true, content: [{ type: 'text' as const, text }] };
  }
}

function toldOf({ content, text, local }: Answer) {
  const structuredContent = { ...content, ...(local !== undefined && { local }) };
  return {
    content: [{ type: 'text' as const, text: `${text}\n\n${JSON.stringify(structuredContent)}` }],
    structuredContent,
  };
}
