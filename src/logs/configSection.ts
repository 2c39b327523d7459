/**
 * The scalars of one section of a configuration that anybody may have written:
 *
 *     linux_tracing:
 *       enabled: false
 *       log_dir: "~/logs"   # or {enabled: false, log_dir: ~/logs} on one line
 *
 * Not with a YAML library: 1 KiB of nested `? ` keeps `yaml` 2.9 busy for more than 20 seconds, and this is read before
 * every command. Time and memory here are those of looking at each line once; what is more than a scalar is passed over.
 */
export function sectionScalars(text: string, section: string): ReadonlyMap<string, unknown> | undefined {
  const head = new RegExp(`^(["']?)${section}\\1[ \\t]*:(?:[ \\t]+(.*))?$`);
  let found: Map<string, unknown> | undefined;
  let indent: string | undefined;
  let isInside = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    if (/^\S/.test(line)) {
      const match = head.exec(line);
      isInside = match !== null && isOpen(match[2]);
      const flow = match === null ? undefined : flowPairs(match[2] ?? '');
      if (isInside || flow !== undefined) found = new Map(flow);
      indent = undefined;
    } else if (isInside && found !== undefined) {
      const own = /^[ \t]+/.exec(line)?.[0] ?? '';
      indent ??= own;
      if (own === indent) addPair(found, line);
    }
  }
  return found;
}

/** Nothing stands behind the section's name, so its lines follow. */
function isOpen(rest = ''): boolean {
  return rest.trim() === '' || rest.trimStart().startsWith('#');
}

function flowPairs(rest: string): Map<string, unknown> | undefined {
  const inner = /^\{([^{}]*)\}[ \t]*(?:#.*)?$/.exec(rest)?.[1];
  if (inner === undefined) return undefined;
  const pairs = new Map<string, unknown>();
  for (const pair of inner.split(',')) addPair(pairs, pair);
  return pairs;
}

function addPair(pairs: Map<string, unknown>, text: string): void {
  const [, , key, value] = /^\s*(["']?)(\w{1,64})\1[ \t]*:(?:[ \t]+(.*))?$/.exec(text) ?? [];
  if (key !== undefined) pairs.set(key, scalarOf(value ?? ''));
}

function scalarOf(text: string): unknown {
  const quoted = /^\s*(?:"([^"\\]*)"|'((?:[^']|'')*)')\s*(?:#.*)?$/.exec(text);
  if (quoted !== null) return quoted[1] ?? quoted[2]?.replaceAll("''", "'");
  const plain = text.replace(/(?:^|\s)#.*$/, '').trim();
  if (/^(?:true|True|TRUE)$/.test(plain)) return true;
  if (/^(?:false|False|FALSE)$/.test(plain)) return false;
  if (/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(plain)) return Number(plain);
  // An alias, a tag, a list, a block of text: more than a scalar that stands for itself.
  return plain === '' || plain === 'null' || /^[-?:,[\]{}#&*!|>'"%@`~](?![\w/.])|^[[\]{}&*!|>'"%@`]/.test(plain)
    ? undefined
    : plain;
}
