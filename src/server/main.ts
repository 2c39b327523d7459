import { parseArgs } from 'node:util';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { followFraming } from './framing.ts';
import { textsOf } from './resolveRoots.ts';
import { serve } from './serve.ts';

/** Of `session-diagnostics lsp`; VS Code says later which roots there are. The other arguments are the connection's. */
const { values } = parseArgs({
  strict: false,
  options: { root: { type: 'string', multiple: true }, stdio: { type: 'boolean' } },
});

// An editor starts a server anew that ended, and waits for ever for one that went deaf.
if (values.stdio === true) {
  const follow = followFraming((why) => {
    process.stderr.write(`session-diagnostics lsp: ${why}. It ends, so that its editor starts it again.\n`);
    process.exit(1);
  });
  process.stdin.on('data', follow);
}

serve(createConnection(ProposedFeatures.all), textsOf(values.root));
