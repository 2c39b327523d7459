import {
  applyEdits,
  getNodeValue,
  findNodeAtLocation,
  modify,
  parseTree,
  type FormattingOptions,
  type ParseError,
} from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { isDeepStrictEqual } from 'node:util';
import { ENTRY_NAME, type AgentConfig } from './agentConfigs.ts';

/** A configuration's text with our entry, or the reason why it stays as it is. */
export type Edited = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

type Entry = Readonly<Record<string, unknown>>;

/** Everything that is not our entry stays, byte for byte. */
export function withEntry(config: AgentConfig, text: string, entry: Entry): Edited {
  const edited: Edited =
    config.format === 'json'
      ? { ok: true, text: withJsonAt(text, [...config.at, ENTRY_NAME], entry) }
      : withToml(config, text, entry);
  if (!edited.ok) return edited;
  const [before, after] = [valueOf(config, text), valueOf(config, edited.text)];
  const isRight =
    isDeepStrictEqual(entryIn(config, after), entry) &&
    isDeepStrictEqual(without(config, after), without(config, before));
  return isRight ? edited : { ok: false, why: 'its form leaves no place for an entry that changes nothing else' };
}

/** What we wrote goes as it came; where somebody has changed the file since, our entry alone goes. */
export function withoutEntry(config: AgentConfig, text: string, backup: string, entry: Entry): Edited {
  if (entryIn(config, valueOf(config, text)) === undefined) return { ok: true, text };
  const restored = undone(text, backup, withEntry(config, backup, entry));
  if (restored !== undefined) return { ok: true, text: restored };
  if (config.format === 'json') return { ok: true, text: withJsonAt(text, [...config.at, ENTRY_NAME], undefined) };
  const cut = text.replace(tomlTable(config), '');
  return cut === text
    ? { ok: false, why: 'our entry stands in a form that we did not write: remove it by hand' }
    : { ok: true, text: cut };
}

/** As it was, or without exactly what we added; `undefined` where neither can be told. */
export function undone(text: string, backup: string, written: Edited): string | undefined {
  if (!written.ok) return undefined;
  if (written.text === text) return backup;
  const added = insertionOf(backup, written.text);
  return added !== undefined && added !== '' && text.split(added).length === 2
    ? text.replace(added, () => '')
    : undefined;
}

/** A value set in, or taken out of, a JSON text whose every other byte stays; -1 is a place behind the last of a list. */
export function withJsonAt(text: string, path: readonly (string | number)[], value: unknown): string {
  const from = text.trim() === '' ? '{}\n' : text;
  const options = { formattingOptions: formattingOf(text), isArrayInsertion: path.at(-1) === -1 };
  return applyEdits(from, modify(from, [...path], value, options));
}

/** The entry that is there; `undefined` without one. Throws where the text is no configuration. */
export function entryIn({ at }: Pick<AgentConfig, 'at'>, value: unknown): unknown {
  return [...at, ENTRY_NAME].reduce<unknown>((inner, key) => (isTable(inner) ? inner[key] : undefined), value);
}

/** Why a text is no configuration of this agent; `undefined` of one that is. */
export function problemOf(config: AgentConfig, text: string): string | undefined {
  if (config.format === 'toml') {
    try {
      parseToml(text);
      return undefined;
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : '').split('\n');
      return `it is no valid TOML (${line.toLowerCase().replace('invalid toml document: ', '')})`;
    }
  }
  if (text.trim() === '') return undefined;
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) return `it is no valid JSON (line ${text.slice(0, first.offset).split('\n').length})`;
  if (tree?.type !== 'object') return 'it holds no JSON object';
  const servers = findNodeAtLocation(tree, [...config.at]);
  return servers === undefined || servers.type === 'object' ? undefined : `"${config.at.join('.')}" is no object`;
}

export function valueOf({ format }: Pick<AgentConfig, 'format'>, text: string): unknown {
  if (format === 'toml') return plain(parseToml(text));
  const tree = parseTree(text, [], { allowTrailingComma: true });
  return tree === undefined ? undefined : plain(getNodeValue(tree));
}

/** The parsers make objects without a prototype, which equal no others. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** A table may stand at the end of any TOML file. */
function withToml(config: AgentConfig, text: string, entry: Entry): Edited {
  const isThere = entryIn(config, parseToml(text)) !== undefined;
  const rest = isThere ? text.replace(tomlTable(config), '') : text;
  const lines = Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const eol = rest.includes('\r\n') ? '\r\n' : '\n';
  const gap = rest === '' ? '' : rest.endsWith('\n') ? eol : eol + eol;
  const added = rest + gap + [`[${[...config.at, ENTRY_NAME].join('.')}]`, ...lines, ''].join(eol);
  try {
    parseToml(added);
    return { ok: true, text: added };
  } catch {
    return { ok: false, why: `"${config.at.join('.')}" is written in a form that takes no further table` };
  }
}

/** As we write it, up to the next table. */
function tomlTable({ at }: AgentConfig): RegExp {
  return new RegExp(`(?:\\r?\\n)?\\[${[...at, ENTRY_NAME].join('\\.')}\\]\\r?\\n(?:(?!\\[)[^\\n]*(?:\\n|$))*`);
}

function without({ at }: AgentConfig, value: unknown): unknown {
  const copy = structuredClone(value ?? {});
  let inner: unknown = copy;
  for (const key of at) inner = isTable(inner) ? inner[key] : undefined;
  if (isTable(inner)) delete inner[ENTRY_NAME];
  // An object that was made for our entry alone.
  const [outer] = at;
  if (isTable(inner) && Object.keys(inner).length === 0 && isTable(copy) && outer !== undefined) delete copy[outer];
  return copy;
}

function insertionOf(before: string, after: string): string | undefined {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  const rest = before.length - start;
  return after.endsWith(before.slice(start)) ? after.slice(start, after.length - rest) : undefined;
}

/** As the file is indented. */
function formattingOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
