import { detailOfStatus } from '../session/statusDetail.ts';
import type { Verdict } from '../session/verdict.ts';
import type { AgentKind } from '../words/vocabulary.ts';

type Meaning = Pick<Verdict, 'layer' | 'detail'>;

/** What a service answers; Gemini CLI exits with it, of which the system keeps the lowest eight bits: 401 is 145. */
const STATUSES = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 499, 500, 501, 502, 503, 504, 529] as const;

const GEMINI: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  ...STATUSES.map((status): [number, Meaning] => [status % 256, ofStatus(status)]),
  [41, { layer: 'environment', detail: 'auth' }], // FatalAuthenticationError
]);

const BY_AGENT: { readonly [agent in AgentKind]?: ReadonlyMap<number, Meaning> } = { gemini: GEMINI };

/** Exit codes that are an agent's own language. */
export function agentExit(agent: AgentKind, code: number): Meaning | undefined {
  return BY_AGENT[agent]?.get(code);
}

function ofStatus(status: number): Meaning {
  const detail = detailOfStatus(status);
  // What is wrong with a request that was refused as such is not known from here.
  if (detail === undefined) return { layer: status === 408 ? 'environment' : 'unknown' };
  return { layer: 'environment', detail };
}
