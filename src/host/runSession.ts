import { window, workspace, type QuickPickItem } from 'vscode';
import { isRecord, stringOf } from '../core/json.ts';
import type { SessionRef } from '../core/sessionView.ts';
import { agentChoices, PROMPT, withPrompt, type AgentChoice } from './agents.ts';
import type { Backend } from './backend.ts';
import { cliFailed, noFolder, notTrusted, showProblem } from './messages.ts';
import type { CliResult, RecorderCli } from './recorderCli.ts';
import { explicitSetting, setting } from './settings.ts';

type Choice = QuickPickItem & ({ readonly agent: AgentChoice } | { readonly isFree: true });

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
  const result = await cli.run(['run', '--log-dir', root, ...runFlags(), '--detach', '--json', '--', ...command], {
    cwd,
  });
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
export function runFlags(): readonly string[] {
  const maxSessions = explicitSetting('maxSessions');
  return [
    ...recordingFlags(),
    ...(maxSessions === undefined ? [] : ['--max-sessions', String(maxSessions)]),
    ...(setting('captureOutput') ? [] : ['--no-capture']),
  ];
}

/** What every recording is told, of a process we start or of one that runs already. */
export function recordingFlags(): readonly string[] {
  const interval = explicitSetting('samplingInterval');
  const endpoint = setting('otlpEndpoint');
  return [
    ...(interval === undefined ? [] : ['--interval', String(interval)]),
    ...(endpoint === '' ? [] : ['--otlp-endpoint', endpoint]),
  ];
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
  const items = folders.map(({ name, uri }) => ({ label: name, description: uri.fsPath }));
  const chosen = await window.showQuickPick(items, { title: 'Run Agent Session', placeHolder: 'In which folder?' });
  return chosen?.description;
}

async function chooseCommand(): Promise<readonly string[] | undefined> {
  const agents = agentChoices(setting('agents'), process.env);
  const items: Choice[] = agents.map((agent) => ({
    label: agent.name,
    description: agent.command.join(' '),
    ...(agent.origin === 'path' && { detail: 'Found on PATH' }),
    agent,
  }));
  items.push({ label: '$(terminal) Command…', description: 'Type any command line', isFree: true });
  const chosen = await window.showQuickPick(items, {
    title: 'Run Agent Session',
    placeHolder: 'Which agent shall be run and recorded?',
    matchOnDescription: true,
  });
  if (chosen === undefined) return undefined;
  if ('isFree' in chosen) return await askForCommand();
  const { command, name } = chosen.agent;
  if (!command.some((word) => word.includes(PROMPT))) return command;
  const prompt = await window.showInputBox({
    title: `Run ${name}`,
    prompt: 'What shall the agent do?',
    ignoreFocusOut: true,
  });
  return prompt === undefined || prompt.trim() === '' ? undefined : withPrompt(command, prompt);
}

async function askForCommand(): Promise<readonly string[] | undefined> {
  const line = await window.showInputBox({
    title: 'Run Agent Session',
    prompt: 'Command line to run and record',
    placeHolder: 'claude -p "fix the failing test"',
    ignoreFocusOut: true,
  });
  return line === undefined || line.trim() === '' ? undefined : typedCommand(line, process.platform);
}
