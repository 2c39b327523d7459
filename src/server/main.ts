import { parseArgs } from 'node:util';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { textsOf } from './resolveRoots.ts';
import { serve } from './serve.ts';

/** Of `session-diagnostics lsp`; VS Code says later which roots there are. The other arguments are the connection's. */
const { values } = parseArgs({ strict: false, options: { root: { type: 'string', multiple: true } } });

serve(createConnection(ProposedFeatures.all), textsOf(values.root));
