import type { Command } from './command.ts';
import { compareCommand } from './compare/compareCommand.ts';
import { analyze } from './commands/analyze.ts';
import { attach } from './commands/attach.ts';
import { bundle } from './commands/bundle.ts';
import { cleanup } from './commands/cleanup.ts';
import { completionCommand } from './commands/completion.ts';
import { doctor } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { fleet } from './commands/fleet.ts';
import { incidents } from './commands/incidents.ts';
import { integrate } from './commands/integrate.ts';
import { link } from './commands/link.ts';
import { list } from './commands/list.ts';
import { locate } from './commands/locate.ts';
import { lsp } from './commands/lsp.ts';
import { mcp } from './commands/mcp.ts';
import { metrics } from './commands/metrics.ts';
import { patterns } from './commands/patterns.ts';
import { prune } from './commands/prune.ts';
import { recover } from './commands/recover.ts';
import { report } from './commands/report.ts';
import { run } from './commands/run.ts';
import { show } from './commands/show.ts';
import { stop } from './commands/stop.ts';
import { trace } from './commands/trace.ts';
import { verdict } from './commands/verdict.ts';
import { trend } from './commands/trend.ts';
import { watch } from './commands/watch.ts';
import { why } from './commands/why.ts';
import { openCommand } from './commands/open.ts';
import { commandWords } from './guide/commandWords.ts';

/** Every word of the command line, in the order of `--help`, where groups of `guide/guideTable.ts` come first. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['run', run],
  ['attach', attach],
  ['watch', watch],
  ['list', list],
  ['show', show],
  ['why', why],
  ['compare', compareCommand],
  ['open', openCommand],
  ['verdict', verdict],
  ['incidents', incidents],
  ['stop', stop],
  ['analyze', analyze],
  ['trend', trend],
  ['patterns', patterns],
  ['report', report],
  ['bundle', bundle],
  ['export', exportCommand],
  ['fleet', fleet],
  ['link', link],
  ['locate', locate],
  ['cleanup', cleanup],
  ['recover', recover],
  ['prune', prune],
  ['trace', trace],
  ['metrics', metrics],
  ['mcp', mcp],
  ['integrate', integrate],
  ['lsp', lsp],
  ['doctor', doctor],
  ['completion', completionCommand(() => commandWords(COMMANDS))],
]);
