import type { CiSystem } from '../../core/report/ciPages.ts';
import type { Arguments } from '../arguments.ts';

/** How each system tells itself; "" stands for whatever is not empty. The launcher has the same (src/native/ask.c). */
export const KNOWN_SYSTEMS: readonly (readonly [system: CiSystem, variable: string, value: string])[] = [
  ['github', 'GITHUB_ACTIONS', 'true'],
  ['gitlab', 'GITLAB_CI', 'true'],
  ['buildkite', 'BUILDKITE', 'true'],
  ['jenkins', 'JENKINS_URL', ''],
];

/** Put into an agent's environment: who runs within has been started by an agent that is recorded itself. */
const RECORDED = 'SESSION_DIAGNOSTICS_SESSION';

/** Whom a session's end is told; `undefined` where nobody asked. */
export function ciSystemFor(args: Arguments, env: NodeJS.ProcessEnv): CiSystem | undefined {
  if (args.isSet('no-ci')) return undefined;
  const known = KNOWN_SYSTEMS.find(([, variable, value]) => {
    const given = env[variable] ?? '';
    return value === '' ? given !== '' : given === value;
  })?.[0];
  if (args.isSet('ci')) return known ?? 'other';
  return (env[RECORDED] ?? '') === '' ? known : undefined;
}

const ASKING = ['bundle', 'junit', 'exit-map'] as const;

/** Whether more than the agent's own end is wanted of this run. */
export function isServed(args: Arguments, env: NodeJS.ProcessEnv): boolean {
  return ciSystemFor(args, env) !== undefined || ASKING.some((flag) => args.text(flag) !== undefined);
}
