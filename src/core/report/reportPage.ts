import { displayText } from '../words/displayText.ts';
import { escapedMarkup } from '../words/markup.ts';
import type { AddedTexts } from './reportMarkdown.ts';

/** What the panel is made of, as it is built: see build.mjs. */
export interface PageParts {
  readonly script: string;
  readonly styles: readonly string[];
  /** The sessions as the panel asks for them, in JSON. */
  readonly data: string;
  /** The id of the element that holds them. */
  readonly dataId: string;
  readonly added: AddedTexts;
  readonly createdAt: string;
  /** `sha256-...` of a text, as a policy names it. */
  readonly hashOf: (text: string) => string;
}

/**
 * One file that asks nobody for anything: its policy allows no source but its own script and styles, by their hashes. The
 * data is no script, so that nothing in it is ever run; what a person added is text.
 */
export function reportPage({ script, styles, data, dataId, added, createdAt, hashOf }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    // The toolkit puts an empty style into the page, and its rules into that.
    `style-src ${['', ...styles].map((style) => `'${hashOf(style)}'`).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Session Diagnostics report</title>
${styles.map((style) => `<style>${style}</style>`).join('\n')}
</head>
<body class="is-shared">
<header class="shared-head">
<p><strong>Session Diagnostics report</strong>, made ${escapedMarkup(createdAt.slice(0, 16).replace('T', ' '))} UTC from process measurements and failure counts. ${kept(added)}</p>
${addedHtml(added)}</header>
<div id="panel"></div>
<script type="application/json" id="${dataId}">${data.replaceAll('<', '\\u003c')}</script>
<script>${script}</script>
</body>
</html>
`;
}

function kept({ note, excerpts = [] }: AddedTexts): string {
  if (note === undefined && excerpts.length === 0)
    return 'It holds no text of the session: no paths, commands or output, and no names but those of well-known programs.';
  return 'Beside what its reporter added below, it holds no text of the session.';
}

function addedHtml({ note, excerpts = [] }: AddedTexts): string {
  return [
    ...(note === undefined || note.trim() === '' ? [] : [`<h2>The reporter's note (redacted)</h2>\n${pre(note)}`]),
    ...(excerpts.length === 0 ? [] : ['<h2>First lines of errors (redacted, added on request)</h2>']),
    ...excerpts.map(({ handle, text }) => `<p><code>${escapedMarkup(handle)}</code></p>\n${pre(text)}`),
  ]
    .map((block) => `${block}\n`)
    .join('');
}

function pre(text: string): string {
  return `<pre>${text
    .split('\n')
    .map((line) => escapedMarkup(displayText(line)))
    .join('\n')}</pre>`;
}
