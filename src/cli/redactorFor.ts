import { hostname } from 'node:os';
import { createRedactor, secretsOfEnvironment, type Redactor } from '../core/privacy/redact.ts';
import type { CommandContext } from './command.ts';
import { gitLines } from './gitLines.ts';
import { userName } from './userName.ts';

type Person = Pick<CommandContext, 'env' | 'home' | 'cwd'>;

/** For what is written to the private log root: credentials go, names and paths stay. */
export function redactorFor({ env, home, cwd }: Person): Redactor {
  return createRedactor({
    identity: { home, user: userName(), host: hostname(), workspace: cwd },
    secrets: secretsOfEnvironment(env),
  });
}

/** For what may leave the machine: also what git knows of the person and of where the work is kept. */
export function publicRedactor({ env, home, cwd }: Person): Redactor {
  return createRedactor({
    identity: {
      home,
      user: userName(),
      host: hostname(),
      workspace: cwd,
      remotes: gitLines({ cwd, env }, ['config', '--get-regexp', String.raw`^remote\..*\.url$`]).map(
        (line) => line.split(' ')[1] ?? '',
      ),
      emails: gitLines({ cwd, env }, ['config', '--get-all', 'user.email']),
      names: [
        ...gitLines({ cwd, env }, ['config', '--get-all', 'user.name']),
        // Inside a container or under sudo the system's own answers tell of nobody.
        ...NAMING_VARIABLES.flatMap((variable) => env[variable] ?? []),
      ],
    },
    secrets: secretsOfEnvironment(env),
  });
}

const NAMING_VARIABLES = ['USER', 'LOGNAME', 'USERNAME', 'SUDO_USER', 'HOSTNAME', 'COMPUTERNAME'];
