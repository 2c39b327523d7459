import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { installedCommand } from '../install/installedCommand.ts';
import { nativeProgram } from '../launcher.ts';
import { loadBundle } from '../loadBundle.ts';
import { printable } from '../terminal.ts';
import type * as McpBundle from '../../mcp/mcpBundle.ts';

export const integrate: Command = {
  usage: 'AGENT [--remove] [--dry-run]',
  summary: 'Adds the tools of `mcp` to an agent’s own configuration, or takes them out again',
  flagHelp: [
    ['--remove', 'takes it out: the file is then what it was'],
    ['--dry-run', 'only shows what would change'],
  ],
  flags: { remove: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
  run: async (context) => {
    const { args, terminal, env, home, programPath } = context;
    const { AGENT_CONFIGS, integrateAgent } = await loadBundle<typeof McpBundle>(programPath, 'mcp');
    const known = Object.keys(AGENT_CONFIGS);
    const [agent, ...more] = args.positionals;
    if (agent === undefined || more.length > 0 || !known.includes(agent)) {
      throw new UsageError(`Integrate with which agent? One of ${known.join(', ')}.`);
    }
    const { name } = AGENT_CONFIGS[agent] ?? { name: agent };
    const isRemoved = args.isSet('remove');
    const isDryRun = args.isSet('dry-run');
    const hookProgram = nativeProgram(programPath, {});
    const files = integrateAgent({
      agent,
      command: [...installedCommand(context), 'mcp', '--stdio'],
      hookProgram,
      isRemoved,
      isDryRun,
      env,
      home,
    });
    const failed = files.find((file) => !file.ok);
    if (failed?.ok === false) throw new CommandError(`${printable(failed.path)} was left as it is: ${failed.why}.`);
    const changed = files.flatMap((file) => (file.ok && file.before !== file.after ? [file] : []));
    if (changed.length === 0) {
      const paths = files.map(({ path }) => printable(path)).join(', ');
      terminal.out(`${name} ${isRemoved ? 'has no entry of ours' : 'has it already'} (${paths}): nothing to do.`);
      return 0;
    }
    for (const { path, before, after } of changed) {
      for (const line of changedLines(before, after)) terminal.out(printable(line));
      terminal.out(`${printable(path)} ${isDryRun ? 'would be' : 'is'} changed.`);
    }
    if (!isDryRun) terminal.out(`${name} sees it when it starts next.`);
    return 0;
  },
};

/** What stands between the lines that both begin and end with. */
function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  return [
    ...old.slice(start, old.length - end).map((line) => `- ${line}`),
    ...now.slice(start, now.length - end).map((line) => `+ ${line}`),
  ];
}
