/** What a person is shown of any text of a log. */
const DISPLAY_CHARACTERS = 2000;

/**
 * Control characters and everything that reorders or hides text (Unicode's bidi controls and zero-width characters):
 * shown as what they are, so that `‮gpj.exe` cannot pass for `exe.jpg` and an escape sequence is just letters.
 */
const HARMFUL =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A text of a log made fit for display: short, on one line, in the order it is written, with nothing hidden. */
export function displayText(text: string, maxCharacters = DISPLAY_CHARACTERS): string {
  const isLong = text.length > maxCharacters;
  const shown = clippedText(text, maxCharacters).replace(HARMFUL, visible);
  return isLong ? `${shown}… (${text.length.toLocaleString('en')} characters)` : shown;
}

/** Never cuts a surrogate pair. */
export function clippedText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return text.slice(0, maxCharacters).replace(/[\ud800-\udbff]$/, '');
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\t') return ' ';
  if (character === '\n') return '⏎';
  // Unicode's control pictures: ESC becomes ␛.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}
