import {
  CompletionItemKind,
  InsertTextMode,
  MarkupKind,
  type CompletionItem,
  type Position,
} from 'vscode-languageserver/node';
import {
  CONFIG_KEYS,
  configKeyOf,
  KEY_MEANINGS,
  precedenceWords,
  SECTION,
  type ConfigKey,
} from '../documents/configFile.ts';
import type { LanguageSettings } from '../documents/languageSettings.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import type { LanguageFeature } from '../languageFeature.ts';

export const completionFeature: LanguageFeature = {
  capabilities: { completionProvider: { triggerCharacters: [' ', ':'] } },
  connect: (connection, context) => {
    connection.onCompletion(({ textDocument, position }) => {
      const document = context.documents.documentOf(textDocument.uri);
      return document?.kind === 'config' ? configCompletions(document, position, context.settings) : [];
    });
  },
};

/** A file that is being typed is rarely YAML already: its lines tell enough. */
function configCompletions(
  document: LogDocument,
  { line, character }: Position,
  settings: LanguageSettings,
): CompletionItem[] {
  const before = document.lineAt(line).slice(0, character);
  const section = sectionAround(document, line);
  if (section === undefined) return /^\w*$/.test(before) && !hasSection(document) ? [sectionItem(line, before)] : [];
  const [, key, typed] = /^\s+(\w+):\s*(\S*)$/.exec(before) ?? [];
  if (key !== undefined) return valueItems(configKeyOf(key), line, { before, typed: typed ?? '' });
  if (!/^\s+\w*$/.test(before)) return [];
  const missing = CONFIG_KEYS.filter((one) => !section.has(one));
  return missing.map((one) => keyItem(one, line, { before, settings }));
}

/** The keys of the section that a line stands in; `undefined` when it stands in none of ours. */
function sectionAround(document: LogDocument, line: number): ReadonlySet<string> | undefined {
  let start = line - 1;
  while (start >= 0 && !/^[^\s#]/.test(document.lineAt(start))) start -= 1;
  if (start < 0 || !isSectionLine(document.lineAt(start)) || /^[^\s#]/.test(document.lineAt(line))) return undefined;
  const keys = new Set<string>();
  for (let at = start + 1; at < document.lineCount && !/^[^\s#]/.test(document.lineAt(at)); at += 1) {
    const key = /^\s+(\w+)\s*:/.exec(document.lineAt(at))?.[1];
    if (key !== undefined && at !== line) keys.add(key);
  }
  return keys;
}

function hasSection(document: LogDocument): boolean {
  return Array.from({ length: document.lineCount }, (_, line) => line).some((line) =>
    isSectionLine(document.lineAt(line)),
  );
}

function isSectionLine(text: string): boolean {
  return text.startsWith(SECTION) && /^\s*:\s*(?:#.*)?$/.test(text.slice(SECTION.length));
}

function sectionItem(line: number, before: string): CompletionItem {
  return {
    label: SECTION,
    kind: CompletionItemKind.Module,
    documentation: 'How processes are recorded in this workspace.',
    insertTextMode: InsertTextMode.asIs,
    textEdit: { range: typedRange(line, before, before), newText: `${SECTION}:\n  ` },
  };
}

function keyItem(
  key: ConfigKey,
  line: number,
  { before, settings }: { readonly before: string; readonly settings: LanguageSettings },
): CompletionItem {
  const { meaning, type } = KEY_MEANINGS[key];
  return {
    label: key,
    kind: CompletionItemKind.Property,
    detail: type,
    documentation: { kind: MarkupKind.Markdown, value: `${meaning}\n\n${precedenceWords(key, settings)}` },
    textEdit: { range: typedRange(line, before, before.trimStart()), newText: `${key}: ` },
  };
}

const VALUES: { readonly [key in ConfigKey]: readonly string[] } = {
  enabled: ['true', 'false'],
  proc_interval: ['1', '5', '10'],
  log_dir: ['~/.local/share/autoskillit/logs'],
};

function valueItems(
  key: ConfigKey | undefined,
  line: number,
  { before, typed }: { readonly before: string; readonly typed: string },
): CompletionItem[] {
  if (key === undefined) return [];
  const space = before.endsWith(':') ? ' ' : '';
  return VALUES[key].map((value) => ({
    label: value,
    kind: CompletionItemKind.Value,
    filterText: `${space}${value}`,
    textEdit: { range: typedRange(line, before, typed), newText: `${space}${value}` },
  }));
}

function typedRange(line: number, before: string, typed: string): { readonly start: Position; readonly end: Position } {
  const end = { line, character: before.length };
  return { start: { line, character: before.length - typed.length }, end };
}
