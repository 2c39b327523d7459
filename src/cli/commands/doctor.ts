import { findCapabilities, type Capability } from '../../recorder/coroner/capabilities.ts';
import { removeWitness, setUpWitness, type SetupResult } from '../../recorder/coroner/witnessSetup.ts';
import { preventionCapabilities } from '../../recorder/session/preventionCapabilities.ts';
import { CommandError, UsageError } from '../failure.ts';
import type { Command, CommandContext } from '../command.ts';
import { watchCost } from '../../core/session/watchStatus.ts';
import { askWatch } from '../../recorder/watch/soleWatch.ts';
import { watchUnitState } from '../install/watchUnit.ts';
import { watchAddressOf } from '../install/watchAddressOf.ts';
import { chosenRoot, ignoredConfig, recordingSwitchedOff } from '../chosenRoot.ts';
import { exitCarrierOf } from '../exitCarrierOf.ts';
import { nativeProgram } from '../launcher.ts';
import { printable, wrapped } from '../terminal.ts';

const MARKS = { ok: ['green', 'ok     '], limited: ['yellow', 'limited'], missing: ['red', 'missing'] } as const;

export const doctor: Command = {
  usage: '[--setup-witness [--group G] [--at-boot] | --remove-witness]',
  summary: 'What can be captured on this machine, and what to do about the rest',
  takesNothing: true,
  flagHelp: [
    ['--setup-witness', 'as root: lets a group read who sends signals, until the next boot'],
    ['--group G', 'that group (default: of whoever used sudo)'],
    ['--at-boot', 'also at each boot, by a unit of systemd'],
    ['--remove-witness', 'takes all of that away again'],
  ],
  flags: {
    'setup-witness': { type: 'boolean' },
    group: { type: 'string' },
    'at-boot': { type: 'boolean' },
    'remove-witness': { type: 'boolean' },
  },
  run: async (context) => {
    const { terminal, args, programPath, env } = context;
    const witness = await askedOfWitness(context);
    if (witness !== undefined) {
      if (!witness.ok) throw new CommandError(witness.message);
      for (const line of witness.said) terminal.out(line);
      return 0;
    }
    const machine = {
      logRoot: chosenRoot(context).path,
      native: nativeProgram(programPath, env),
      exitCarrier: exitCarrierOf(context),
    };
    const capabilities = [
      ...findCapabilities(machine),
      ...preventionCapabilities(machine.native),
      ...workspaceCapability(context),
      ...(await watchCapability(context)),
    ];
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
    return capabilities[0]?.status === 'missing' ? 1 : 0;
  },
};

async function askedOfWitness({ args, programPath, env }: CommandContext): Promise<SetupResult | undefined> {
  const isSetUp = args.isSet('setup-witness');
  const group = args.text('group');
  if (isSetUp && args.isSet('remove-witness')) {
    throw new UsageError('--setup-witness and --remove-witness cannot both be done.');
  }
  if (!isSetUp && (group !== undefined || args.isSet('at-boot'))) {
    throw new UsageError('--group and --at-boot belong to --setup-witness.');
  }
  if (args.isSet('remove-witness')) return removeWitness();
  const atBoot = args.isSet('at-boot') ? [process.execPath, programPath, 'doctor'] : undefined;
  return isSetUp ? setUpWitness({ group, atBoot }, env) : undefined;
}

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

/** Whether agents are recorded that nobody starts through us, and what that costs. */
async function watchCapability(context: CommandContext): Promise<Capability[]> {
  if (process.platform !== 'linux') return [];
  const name = 'every agent, without a wrapper';
  const status = await askWatch(watchAddressOf(context));
  if (status !== undefined) {
    const { sessions, pid, log_root: root } = status;
    const detail = `a watch runs (pid ${pid}) and records ${sessions} in ${printable(root)}: ${watchCost(status)}`;
    return [{ name, status: 'ok', detail }];
  }
  const { path } = await watchUnitState(context);
  if (path === undefined) return [];
  return [
    {
      name,
      status: 'missing',
      detail: `the service ${printable(path)} is installed, and no watch runs`,
      advice: 'See `systemctl --user status session-diagnostics-watch`.',
    },
  ];
}
