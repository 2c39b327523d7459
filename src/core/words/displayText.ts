/** What a person is shown of any text of a log. */
const DISPLAY_CHARACTERS = 2000;

/**
 * Control characters and everything that reorders or hides text (Unicode's bidi controls, zero-width characters, letters
 * without a glyph and the invisible copy of ASCII among the tags): shown as what they are, so that `‮gpj.exe` cannot pass
 * for `exe.jpg` and an escape sequence is just letters.
 */
const HARMFUL =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]|\u034f/gu;

/** A text of a log made fit for display: short, on one line, in the order it is written, with nothing hidden. */
export function displayText(text: string, maxCharacters = DISPLAY_CHARACTERS): string {
  const isLong = text.length > maxCharacters;
  const shown = clippedText(text, maxCharacters).replace(HARMFUL, visible);
  return isLong ? `${shown}… (${text.length.toLocaleString('en')} characters)` : shown;
}

/**
 * A text as the editor's own surfaces show it: notifications, pickers, tooltips, the status bar. There VS Code makes
 * `[text](command:...)` a link whose click runs a command, and `$(name)` an icon. A blank breaks both, and is seen.
 */
export function plainText(text: string, maxCharacters = DISPLAY_CHARACTERS): string {
  return displayText(text, maxCharacters).replaceAll('](', '] (').replaceAll('$(', '$ (');
}

/** Never cuts a surrogate pair. */
export function clippedText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return text.slice(0, maxCharacters).replace(/[\ud800-\udbff]$/, '');
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\t') return ' ';
  if (character === '\n') return '⏎';
  // Unicode's control pictures: ESC becomes ␛.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}
