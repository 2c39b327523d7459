import { existsSync } from 'node:fs';
import { arch, platform, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { agentVersionIn } from '../agents/logHead.ts';
import type { SessionEnvironment } from '../core/session/session.ts';
import type { AgentKind } from '../core/words/vocabulary.ts';
import { readHead } from '../logs/readHead.ts';
import { environmentFacts } from './reportedSession.ts';

export interface EnvironmentSource {
  readonly agent: AgentKind;
  readonly cores: number;
  readonly cgroupLimitKb: number | undefined;
  /** The session's folder as long as it is not published. */
  readonly dir: string;
  readonly transcript: string | null;
}

/** What a session ran on: facts that tell why the same work went well elsewhere. */
export function sessionEnvironment(source: EnvironmentSource): SessionEnvironment {
  const { productVersion, isContainer } = environmentFacts(undefined);
  return {
    product: productVersion ?? null,
    node: process.versions.node,
    os: platform(),
    kernel: release(),
    arch: arch(),
    cores: source.cores,
    memory_kb: Math.round(totalmem() / 1024),
    cgroup_limit_kb: source.cgroupLimitKb ?? null,
    agent_version: agentVersion(source) ?? null,
    container: isContainer ?? null,
  };
}

/** Enough for a header and the first prompt. */
const HEAD_LINES = 20;

/** As its log or its stream says; a program that is no agent we know may say "version" of anything. */
function agentVersion({ agent, dir, transcript }: EnvironmentSource): string | undefined {
  if (agent === 'other') return undefined;
  const captured = join(dir, 'stdout.log');
  const own = transcript === null || basename(transcript) === basename(captured) ? [] : [transcript];
  for (const path of [...own, captured]) {
    try {
      const version = existsSync(path) ? agentVersionIn(readHead(path, HEAD_LINES)) : undefined;
      if (version !== undefined) return version;
    } catch {
      // gone, or not ours to read
    }
  }
  return undefined;
}
