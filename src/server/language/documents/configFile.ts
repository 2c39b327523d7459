import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import type { Position, Range } from 'vscode-languageserver/node';
import type { Span } from '../../../core/fields/jsonPlaces.ts';
import { MOST_CONFIG_BYTES } from '../../../logs/workspaceConfig.ts';
import type { ChosenSettings, LanguageSettings } from './languageSettings.ts';
import type { LogDocument } from './logDocument.ts';

/** The section of `.autoskillit/config.yaml` that we read; the rest of the file is AutoSkillit's alone. */
export const SECTION = 'linux_tracing';

export const CONFIG_KEYS = ['enabled', 'proc_interval', 'log_dir'] as const;
export type ConfigKey = (typeof CONFIG_KEYS)[number];

export interface ConfigKeyMeaning {
  readonly type: 'boolean' | 'number' | 'string';
  readonly meaning: string;
  /** The editor's setting for the same thing. */
  readonly setting: keyof ChosenSettings;
}

export const KEY_MEANINGS: { readonly [key in ConfigKey]: ConfigKeyMeaning } = {
  enabled: {
    type: 'boolean',
    meaning:
      'Whether AutoSkillit records its own sessions. Session Diagnostics records what is started or attached to with it, whatever stands here.',
    setting: 'enabled',
  },
  proc_interval: {
    type: 'number',
    meaning: 'Seconds between two samples of a session. Near a memory limit the recorder samples more often.',
    setting: 'samplingInterval',
  },
  log_dir: {
    type: 'string',
    meaning:
      'Folder of the session logs: absolute, from your home folder with `~`, or relative to the workspace. Left out, it is the standard place, `~/.local/share/autoskillit/logs` on Linux.',
    setting: 'logDirectory',
  },
};

/** Who decides: the flag of a command, then the editor's setting, then this file. */
export function precedenceWords(key: ConfigKey, { chosen }: LanguageSettings): string {
  const { setting } = KEY_MEANINGS[key];
  const name = `\`sessionDiagnostics.${setting}\``;
  const value = chosen[setting];
  if (key === 'enabled') {
    return `The editor’s own switch is the setting ${name}; neither changes the other.`;
  }
  const flag = key === 'log_dir' ? '`--log-dir`' : '`--interval`';
  const first = `On the command line ${flag} goes before it.`;
  if (value === undefined) return `**This file decides here:** the editor’s setting ${name} is not set. ${first}`;
  return `**The editor’s setting wins here:** ${name} is \`${String(value)}\`. On the command line this file counts, unless ${flag} is given.`;
}

export interface ConfigFile {
  readonly document: Document;
  readonly text: string;
  /** `undefined`: there is none. */
  readonly section: Pair | undefined;
  /** False where the section holds something else than lines of `key: value`; an empty one is none yet. */
  readonly isMapping: boolean;
  readonly pairs: readonly ConfigPair[];
  rangeOf(span: Span): Range;
  offsetAt(position: Position): number;
}

/** One line of the section. */
export interface ConfigPair {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: unknown;
  /** The key's when there is no value. */
  readonly valueSpan: Span;
}

/** A configuration is a page or two: what is longer is not looked at, nor what `readWorkspaceConfig` would not read. */
const MOST_LINES = 20_000;

export function configFileOf(document: LogDocument): ConfigFile | undefined {
  if (document.lineCount > MOST_LINES) return undefined;
  const lines = Array.from({ length: document.lineCount }, (_, line) => document.lineAt(line));
  const text = lines.join('\n');
  if (!isModest(text)) return undefined;
  const counter = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: counter, keepSourceTokens: false });
  const positionAt = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(0, line - 1), character: Math.max(0, col - 1) };
  };
  const root = isMap(parsed.contents) ? parsed.contents : undefined;
  const section = root?.items.find(({ key }) => isScalar(key) && key.value === SECTION);
  return {
    document: parsed,
    text,
    section,
    isMapping: section !== undefined && (isMap(section.value) || isEmpty(section.value)),
    pairs: isMap(section?.value) ? section.value.items.flatMap((pair) => pairOf(pair) ?? []) : [],
    rangeOf: ({ start, end }) => ({ start: positionAt(start), end: positionAt(end) }),
    offsetAt: ({ line, character }) => (counter.lineStarts[line] ?? text.length) + character,
  };
}

/**
 * The YAML library takes a time that doubles with each nested `? ` (20 s for 1 KiB of them), and grows with the square
 * of the keys and of the brackets. No configuration is near these bounds.
 */
function isModest(text: string): boolean {
  const brackets = text.match(/[[{]/g)?.length ?? 0;
  const questions = text.match(/\?/g)?.length ?? 0;
  return text.length <= MOST_CONFIG_BYTES && brackets <= 500 && questions <= 20 && !/(?:[?:-][ \t]+){8}/.test(text);
}

function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null);
}

function pairOf({ key, value }: Pair): ConfigPair | undefined {
  const keySpan = spanOf(key);
  if (!isScalar(key) || keySpan === undefined) return undefined;
  const name = String(key.value);
  const plain = isScalar(value) ? value.value : value;
  return { key: name, keySpan, value: plain, valueSpan: spanOf(value) ?? keySpan };
}

/** Where a node stands, without the space behind it. */
export function spanOf(node: unknown): Span | undefined {
  const range = (node as Node | null | undefined)?.range; // every parsed node has one
  return range === undefined || range === null ? undefined : { start: range[0], end: range[1] };
}

export function configKeyOf(name: string): ConfigKey | undefined {
  return CONFIG_KEYS.find((key) => key === name);
}
