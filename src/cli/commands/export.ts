import { foundSession } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { ENDPOINT_VARIABLE, exportSession, exportSpool, otlpEndpoint } from '../exportSession.ts';
import { UsageError } from '../failure.ts';

export const exportCommand: Command = {
  usage: '[ID... | --spool] --otlp-endpoint URL',
  summary: 'Sends ended sessions to an OpenTelemetry receiver: numbers, times and fixed words only, as in a report',
  readsSessions: true,
  flagHelp: [
    ['--otlp-endpoint URL', `the receiver, such as http://127.0.0.1:4318, instead of $${ENDPOINT_VARIABLE}`],
    ['--spool', 'the sessions that could not be sent when they ended'],
  ],
  flags: { 'otlp-endpoint': { type: 'string' }, spool: { type: 'boolean' } },
  run: async (context) => {
    const { args, terminal } = context;
    const isSpool = args.isSet('spool');
    if (isSpool && args.positionals.length > 0) throw new UsageError('Give sessions or --spool, not both.');
    if (!isSpool && args.positionals.length === 0)
      throw new UsageError('Export which session? Give at least one, or --spool for those that wait.');
    const endpoint = otlpEndpoint(context);
    if (endpoint === undefined) throw new UsageError(`Where to? Give --otlp-endpoint or set ${ENDPOINT_VARIABLE}.`);
    if (isSpool) await exportSpool(context, endpoint);
    for (const found of args.positionals.map((id) => foundSession(context, id, { isPrefixEnough: true }))) {
      await exportSession(found, endpoint, context);
      terminal.err(`Sent ${found.place.name} to ${new URL(endpoint).origin}.`);
    }
    return 0;
  },
};
