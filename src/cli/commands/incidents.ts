import { humanSeconds } from '../../core/words/humanUnits.ts';
import { isIncidentId, type Incident } from '../../core/session/incident.ts';
import { candidateSentence, incidentSentence } from '../../core/panel/incidentView.ts';
import { msFromIso } from '../../core/words/time.ts';
import { evidenceSentence } from '../../core/death/evidenceWords.ts';
import { causeWords } from '../../core/words/vocabularyWords.ts';
import { listIncidents, readIncident } from '../../logs/incidentFiles.ts';
import { onlyPositional } from '../arguments.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { localMinute } from '../sessionTable.ts';
import { clipped, printable, wrapped, type Terminal } from '../terminal.ts';

export const incidents: Command = {
  usage: '[ID]',
  summary: 'Sessions that died together, and what they may have died of',
  readsSessions: true,
  flagHelp: [],
  flags: {},
  run: (context) => {
    const { args, terminal } = context;
    const root = chosenRoot(context);
    if (args.positionals.length === 0) {
      const all = listIncidents(root);
      if (args.isSet('json')) terminal.out(JSON.stringify(all));
      else for (const line of incidentTable(all, terminal)) terminal.out(line);
      return Promise.resolve(0);
    }
    const id = onlyPositional(args, 'incident');
    if (!isIncidentId(id)) throw new UsageError(`"${clipped(printable(id), 40)}" is no incident's id.`);
    const incident = readIncident(root, id);
    if (incident === undefined) {
      throw new CommandError(
        `There is no incident ${id} in ${root.path}. Run \`session-diagnostics incidents\` to see them.`,
      );
    }
    if (args.isSet('json')) terminal.out(JSON.stringify(incident));
    else for (const line of incidentText(incident, terminal)) terminal.out(line);
    return Promise.resolve(0);
  },
};

function incidentTable(all: readonly Incident[], { columns, styled }: Terminal): string[] {
  if (all.length === 0) return ['No two sessions have died together here.'];
  return [
    styled('dim', 'when         incident                       what happened'),
    ...all.map((incident) =>
      clipped(
        `${localMinute(incident.first_ts)}  ${incident.incident_id.padEnd(29)}  ${incidentSentence(incident)}`,
        columns,
      ),
    ),
  ];
}

function incidentText(incident: Incident, { columns, styled }: Terminal): string[] {
  const { incident_id: id, first_ts: firstTs, candidates, sessions } = incident;
  const firstMs = msFromIso(firstTs) ?? 0;
  return [
    `${styled('bold', id)}  ${localMinute(firstTs)}`,
    wrapped(`  ${incidentSentence(incident)}`, columns, '  '),
    '',
    ...candidates.flatMap((candidate) => [
      wrapped(`  ${candidateSentence(candidate)}`, columns, '  '),
      ...candidate.evidence.map((item) => wrapped(`    - ${evidenceSentence(item)}`, columns, '      ')),
    ]),
    ...(candidates.length > 0 ? [''] : []),
    ...sessions.map(({ dir_name, ts, cause }) => {
      const afterSeconds = Math.max(0, (msFromIso(ts) ?? firstMs) - firstMs) / 1000;
      return clipped(
        `  +${humanSeconds(afterSeconds).padEnd(6)}  ${printable(dir_name)}  ${causeWords(cause)}`,
        columns,
      );
    }),
  ];
}
