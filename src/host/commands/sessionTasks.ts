import {
  ProcessExecution,
  Task,
  TaskRevealKind,
  TaskScope,
  tasks,
  workspace,
  type Disposable,
  type TaskDefinition,
} from 'vscode';
import { cliWords } from '../../core/words/cliCall.ts';
import { arrayOf, stringOf } from '../../core/words/json.ts';
import { agentChoices } from '../agents.ts';
import { PROMPT_WORD } from '../../core/words/agentTable.ts';
import { childEnvironment, type RecorderCli } from '../recorderCli.ts';
import { runFlags } from './runSession.ts';
import { setting } from '../settings.ts';

const TASK_TYPE = 'agent-session';

/**
 * `agent-session` tasks run the recorder in a task's terminal: the agent's output is seen there, and closing the
 * terminal ends the session. VS Code itself runs no task in a workspace that is not trusted.
 */
export function registerSessionTasks(cli: RecorderCli): Disposable {
  return tasks.registerTaskProvider(TASK_TYPE, {
    provideTasks: () =>
      agentChoices(setting('agents'), process.env)
        .filter(({ command }) => !command.some((word) => word.includes(PROMPT_WORD)))
        .map(({ name, command }) => sessionTask(cli, { type: TASK_TYPE, command: [...command] }, name)),
    resolveTask: (task) => {
      const command = commandOf(task.definition);
      return command === undefined ? undefined : sessionTask(cli, task.definition, task.name, task.scope);
    },
  });
}

function sessionTask(cli: RecorderCli, definition: TaskDefinition, name: string, scope?: Task['scope']): Task {
  const command = commandOf(definition) ?? [];
  const cwd = stringOf(definition['cwd']) ?? workspace.workspaceFolders?.[0]?.uri.fsPath;
  const words = cliWords({ command: 'run', flags: { ...runFlags(), label: name }, program: command });
  const env = Object.fromEntries(
    Object.entries(childEnvironment(process.env)).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );
  const execution = new ProcessExecution(process.execPath, [cli.path, ...words], {
    env,
    ...(cwd !== undefined && { cwd }),
  });
  const task = new Task(definition, scope ?? TaskScope.Workspace, name, 'agent', execution, []);
  task.presentationOptions = { reveal: TaskRevealKind.Always };
  return task;
}

function commandOf(definition: TaskDefinition): readonly string[] | undefined {
  const words = arrayOf(definition['command']);
  const command = words.filter((word) => typeof word === 'string');
  return command.length === 0 || command.length < words.length ? undefined : command;
}
