import { workspace } from 'vscode';
import type { CliFlags } from '../../core/words/cliCall.ts';
import { isRecord, stringOf } from '../../core/words/json.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import { agentChoices, withPrompt, type AgentChoice } from '../agents.ts';
import { PROMPT_WORD } from '../../core/words/agentTable.ts';
import type { Backend } from '../backend.ts';
import { cliFailed, noFolder, notTrusted, showProblem } from '../messages.ts';
import type { CliResult, RecorderCli } from '../recorderCli.ts';
import { explicitSetting, setting } from '../settings.ts';
import { askForText, pick, type Choice } from '../surfaces.ts';

/** Picks an agent or a command, and starts its recorder, detached: the session outlives this window. */
export async function runSession(cli: RecorderCli, backend: Backend): Promise<SessionRef | undefined> {
  if (!workspace.isTrusted) {
    showProblem(notTrusted('The session was not started.'));
    return undefined;
  }
  const cwd = await chooseFolder();
  if (cwd === undefined) return undefined;
  const command = await chooseCommand();
  if (command === undefined) return undefined;
  const [root] = await backend.roots();
  if (root === undefined) return undefined; // why there is none has been shown
  const flags = { 'log-dir': root, ...runFlags(), detach: true, json: true };
  const result = await cli.run({ command: 'run', flags, program: command }, { cwd });
  return startedSession(root, result);
}

export function startedSession(root: string, result: CliResult): SessionRef | undefined {
  if (!result.ok) {
    showProblem(cliFailed('The session was not started.', result.why));
    return undefined;
  }
  const id = isRecord(result.json) ? stringOf(result.json['id']) : undefined;
  return id === undefined ? undefined : { root, id };
}

/** Only what the user has set: for the rest the recorder asks the workspace's configuration and its own defaults. */
export function runFlags(): CliFlags {
  return {
    ...recordingFlags(),
    'max-sessions': explicitSetting('maxSessions'),
    'no-capture': !setting('captureOutput'),
  };
}

/** What every recording is told, of a process we start or of one that runs already. */
export function recordingFlags(): CliFlags {
  return {
    interval: explicitSetting('samplingInterval'),
    protect: setting('protect'),
    'otlp-endpoint': setting('otlpEndpoint') || undefined,
  };
}

/** A command line typed by a person is the shell's to read, unless it is plain words. */
function typedCommand(line: string, platform: NodeJS.Platform): readonly string[] {
  if (/^[\w@%+:,./ -]+$/.test(line)) return line.trim().split(/ +/);
  return platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c', line] : ['sh', '-c', line];
}

async function chooseFolder(): Promise<string | undefined> {
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const [only, ...others] = folders;
  if (only === undefined) {
    showProblem(noFolder);
    return undefined;
  }
  if (others.length === 0) return only.uri.fsPath;
  const choices = folders.map(({ name, uri }) => ({ label: name, description: uri.fsPath, value: uri.fsPath }));
  return await pick(choices, { title: 'Run Agent Session', placeHolder: 'In which folder?' });
}

async function chooseCommand(): Promise<readonly string[] | undefined> {
  const choices = agentChoices(setting('agents'), process.env).map((agent): Choice<AgentChoice | 'typed'> => ({
    label: agent.name,
    description: agent.command.join(' '),
    ...(agent.origin === 'path' && { detail: 'Found on PATH' }),
    value: agent,
  }));
  choices.push({ label: 'Command…', icon: 'terminal', description: 'Type any command line', value: 'typed' });
  const chosen = await pick(choices, {
    title: 'Run Agent Session',
    placeHolder: 'Select an agent to run',
  });
  if (chosen === undefined) return undefined;
  if (chosen === 'typed') return await askForCommand();
  const { command, name } = chosen;
  if (!command.some((word) => word.includes(PROMPT_WORD))) return command;
  const prompt = await askForText({ title: `Run ${name}`, prompt: 'What shall the agent do?', isPatient: true });
  return prompt === undefined || prompt.trim() === '' ? undefined : withPrompt(command, prompt);
}

async function askForCommand(): Promise<readonly string[] | undefined> {
  const line = await askForText({
    title: 'Run Agent Session',
    prompt: 'Command line to run and record',
    placeHolder: 'claude -p "fix the failing test"',
    isPatient: true,
  });
  return line === undefined || line.trim() === '' ? undefined : typedCommand(line, process.platform);
}
