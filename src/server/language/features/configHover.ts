import { MarkupKind, type Hover, type Position } from 'vscode-languageserver/node';
import { configFileOf, configKeyOf, KEY_MEANINGS, precedenceWords, SECTION, spanOf } from '../documents/configFile.ts';
import type { LanguageSettings } from '../documents/languageSettings.ts';
import type { LogDocument } from '../documents/logDocument.ts';

/** What a line of `linux_tracing` means, and who wins where the editor has a setting for the same. */
export function configHover(document: LogDocument, position: Position, settings: LanguageSettings): Hover | undefined {
  const file = configFileOf(document);
  if (file === undefined) return undefined;
  const offset = file.offsetAt(position);
  const sectionKey = spanOf(file.section?.key);
  if (sectionKey !== undefined && sectionKey.start <= offset && offset <= sectionKey.end) {
    return { contents: markdown([`**${SECTION}**`, SECTION_MEANING]), range: file.rangeOf(sectionKey) };
  }
  const pair = file.pairs.find(({ keySpan, valueSpan }) => keySpan.start <= offset && offset <= valueSpan.end);
  const key = pair === undefined ? undefined : configKeyOf(pair.key);
  if (pair === undefined || key === undefined) return undefined;
  return {
    contents: markdown([`**${key}**`, KEY_MEANINGS[key].meaning, precedenceWords(key, settings)]),
    range: file.rangeOf({ start: pair.keySpan.start, end: pair.valueSpan.end }),
  };
}

const SECTION_MEANING =
  'How processes are recorded in this workspace. AutoSkillit and Session Diagnostics both read it.';

function markdown(paragraphs: readonly string[]): { readonly kind: 'markdown'; readonly value: string } {
  return { kind: MarkupKind.Markdown, value: paragraphs.join('\n\n') };
}
