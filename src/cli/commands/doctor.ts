import { findCapabilities, type Capability } from '../../recorder/coroner/capabilities.ts';
import type { Command, CommandContext } from '../command.ts';
import { chosenRoot, ignoredConfig, recordingSwitchedOff } from '../chosenRoot.ts';
import { exitCarrierOf } from '../exitCarrierOf.ts';
import { nativeProgram } from '../launcher.ts';
import { printable, wrapped } from '../terminal.ts';

const MARKS = { ok: ['green', 'ok     '], limited: ['yellow', 'limited'], missing: ['red', 'missing'] } as const;

export const doctor: Command = {
  usage: '',
  summary: 'What can be captured on this machine, and what to do about the rest',
  takesNothing: true,
  flagHelp: [],
  flags: {},
  run: (context) => {
    const { terminal, args, programPath, env } = context;
    const machine = {
      logRoot: chosenRoot(context).path,
      native: nativeProgram(programPath, env),
      exitCarrier: exitCarrierOf(context),
    };
    const capabilities = [...findCapabilities(machine), ...workspaceCapability(context)];
    if (args.isSet('json')) {
      terminal.out(JSON.stringify(capabilities));
    } else {
      for (const { name, status, detail, advice } of capabilities) {
        const [colour, word] = MARKS[status];
        terminal.out(
          `${terminal.styled(colour, word)}  ${wrapped(`${name}: ${detail}`, terminal.columns - 9, ' '.repeat(9))}`,
        );
        if (advice !== undefined) terminal.out(wrapped(`         ${advice}`, terminal.columns, ' '.repeat(9)));
      }
    }
    // Only a log root that cannot be written makes recording impossible; everything else degrades.
    return Promise.resolve(capabilities[0]?.status === 'missing' ? 1 : 0);
  },
};

/** Said only where this workspace's configuration keeps something from being as it says, or from being recorded. */
function workspaceCapability(context: CommandContext): Capability[] {
  const name = 'workspace configuration';
  const off = recordingSwitchedOff(context);
  const ignored = ignoredConfig(context);
  return [
    ...(off === undefined
      ? []
      : [{ name, status: 'limited', detail: 'recording is switched off here', advice: off } as const]),
    ...(ignored === undefined
      ? []
      : [{ name, status: 'limited', detail: 'some of it does not count', advice: printable(ignored) } as const]),
  ];
}
