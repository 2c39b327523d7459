/** The vocabulary's words as a person reads them. */

export function wordsOf(word: string): string {
  const words = word.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const ABBREVIATIONS: Readonly<Record<string, string>> = { oom: 'OOM', fd: 'fd', rss: 'RSS', cpu: 'CPU' };

/** `fd_leak` reads "Fd leak" in general, but abbreviations keep their form. */
export function kindWords(kind: string): string {
  const words = kind.split('_').map((word) => ABBREVIATIONS[word] ?? word);
  const [first = '', ...rest] = words;
  const start = kind.startsWith('d_state') ? 'Uninterruptible' : first.charAt(0).toUpperCase() + first.slice(1);
  return kind.startsWith('d_state') ? 'Stuck in the kernel (D state)' : [start, ...rest].join(' ');
}
