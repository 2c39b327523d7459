/** The word that was meant by one with a slip: two letters swapped, one too many, one missing or wrong; else none. */
export function nearestWord(given: string, words: Iterable<string>): string | undefined {
  if (given.length > 40) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const word of words) {
    // What is not finished was meant as it begins.
    const distance = given.length > 1 && word.startsWith(given) ? 1 : slips(given, word);
    if (distance >= least) continue;
    least = distance;
    best = word;
  }
  return best;
}

/** Damerau and Levenshtein's distance, without two edits of one place. */
function slips(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const here = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      here[column] = Math.min(
        at(above, column) + 1,
        at(here, column - 1) + 1,
        at(above, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = above;
    above = here;
  }
  return at(above, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
