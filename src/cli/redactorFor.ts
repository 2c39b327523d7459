import { execFileSync } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { createRedactor, secretsOfEnvironment, type Redactor } from '../core/redact.ts';
import type { CommandContext } from './command.ts';

type Person = Pick<CommandContext, 'env' | 'home' | 'cwd'>;

/** For what is written to the private log root: credentials go, names and paths stay. */
export function redactorFor({ env, home, cwd }: Person): Redactor {
  return createRedactor({
    identity: { home, user: userInfo().username, host: hostname(), workspace: cwd },
    secrets: secretsOfEnvironment(env),
  });
}

/** For what may leave the machine: also what git knows of the person and of where the work is kept. */
export function publicRedactor({ env, home, cwd }: Person): Redactor {
  return createRedactor({
    identity: {
      home,
      user: userInfo().username,
      host: hostname(),
      workspace: cwd,
      remotes: gitLines(cwd, ['config', '--get-regexp', String.raw`^remote\..*\.url$`]).map(
        (line) => line.split(' ')[1] ?? '',
      ),
      emails: gitLines(cwd, ['config', '--get-all', 'user.email']),
      names: [
        ...gitLines(cwd, ['config', '--get-all', 'user.name']),
        // Inside a container or under sudo the system's own answers tell of nobody.
        ...NAMING_VARIABLES.flatMap((variable) => env[variable] ?? []),
      ],
    },
    secrets: secretsOfEnvironment(env),
  });
}

const NAMING_VARIABLES = ['USER', 'LOGNAME', 'USERNAME', 'SUDO_USER', 'HOSTNAME', 'COMPUTERNAME'];

function gitLines(cwd: string, args: readonly string[]): string[] {
  try {
    const text = execFileSync('git', [...args], {
      cwd,
      encoding: 'utf8',
      timeout: 2000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split('\n').filter((line) => line !== '');
  } catch {
    return []; // no git, no repository, or nothing set
  }
}
