import { join } from 'node:path';

/** The variables that decide where agents keep their logs, all of them below one home: no test reads its user's own. */
export function homeEnvironment(home: string): Readonly<Record<string, string>> {
  return {
    HOME: home,
    XDG_DATA_HOME: join(home, 'share'),
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    CODEX_HOME: join(home, '.codex'),
    GEMINI_CLI_HOME: home,
    PI_CODING_AGENT_DIR: join(home, '.pi/agent'),
    COPILOT_HOME: join(home, '.copilot'),
    CLINE_DIR: join(home, '.cline'),
    CONTINUE_GLOBAL_DIR: join(home, '.continue'),
  };
}
